-- Makes the table of the areas whose calls a reader sees.
-- Takes no parameters.
CREATE TABLE memory.main.seen_areas (level VARCHAR, area VARCHAR)
