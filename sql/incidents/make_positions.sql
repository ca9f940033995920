-- Makes table `positions`: id of each changed incident, and where it is stored: in place of the earlier one, else at the end.
-- Parameters: rows (how many incidents are stored).
CREATE OR REPLACE TEMP TABLE positions AS
SELECT
    changed.id,
    coalesce(
        earlier.position,
        $rows - 1 + row_number() OVER (PARTITION BY earlier.id IS NULL ORDER BY changed.rowid)
    )::BIGINT AS position,
    earlier.id IS NULL AS is_new,
    changed.rowid AS number
FROM incidents AS changed
LEFT JOIN earlier ON earlier.id = changed.id
