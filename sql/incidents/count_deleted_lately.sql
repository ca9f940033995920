-- Counts the records that some loads left out as their source deleted them, and that are not stored again.
-- Parameters: batches (ids of loads), file, reason. Identifiers: table, incidents or calls.
SELECT count(DISTINCT value)
FROM quarantine
WHERE
    file = $file
    AND reason = $reason
    AND batch IN (SELECT unnest($batches::VARCHAR[]))
    AND value NOT IN (SELECT id FROM {table})
