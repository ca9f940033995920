-- Adds the rows that a batch refused to the quarantine of the amended snapshot.
-- Parameters: batch.
INSERT INTO amended.quarantine BY NAME SELECT * FROM quarantine WHERE batch = $batch
