-- Adds an area whose calls a reader sees.
-- Parameters: level and key, by position.
INSERT INTO memory.main.seen_areas VALUES (?, ?)
