-- Makes the table of ids of a snapshot that are retracted.
-- Parameters: those of the condition. Identifiers: {condition}.
CREATE TEMP TABLE retracted_ids AS
SELECT id FROM snapshot.main.incidents WHERE {condition}
