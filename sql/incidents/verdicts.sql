-- Makes table `verdicts`: row of `incoming` and new, updated, duplicate (equal) or older.
-- Parameters: later_wins (the source has no `updated`: what is read later wins, as do ids in `resent`).
CREATE OR REPLACE TEMP TABLE verdicts AS
SELECT
    incoming.rowid AS row,
    CASE
        WHEN earlier.id IS NULL THEN 'new'
        WHEN earlier.row_hash = incoming.row_hash THEN 'duplicate'
        WHEN $later_wins OR incoming.id IN (SELECT id FROM resent) THEN 'updated'
        WHEN earlier.updated IS NULL AND incoming.updated IS NOT NULL THEN 'updated'
        WHEN incoming.updated IS NULL AND earlier.updated IS NOT NULL THEN 'older'
        WHEN incoming.updated > earlier.updated THEN 'updated'
        WHEN incoming.updated < earlier.updated THEN 'older'
        WHEN incoming.row_hash > earlier.row_hash THEN 'updated'
        ELSE 'older'
    END AS verdict
FROM incoming
LEFT JOIN earlier ON earlier.id = incoming.id
