-- Makes table `winners`: per id of `incoming` the row with the newest `updated`, then the highest hash.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE winners AS
SELECT
    arg_max(
        rowid,
        {'known': updated IS NOT NULL, 'updated': coalesce(updated, TIMESTAMP '1-01-01'), 'hash': row_hash}
    ) AS winner
FROM incoming
GROUP BY id
