-- Counts the records that some loads left out as their source deleted them, and that are not stored again.
-- Parameters: since (time with which ids of later loads begin), file, reason. Identifiers: table, incidents or calls.
SELECT count(DISTINCT value)
FROM quarantine
WHERE
    file = $file
    AND reason = $reason
    AND batch > $since
    AND value NOT IN (SELECT id FROM {table})
