-- Numbers the values of one column of incidents and those numbered before, from 0 in their order.
-- Parameters: before (file of the values before). Identifiers: {column}.
CREATE OR REPLACE TEMP TABLE "codes_{column}" AS
SELECT value, row_number() OVER (ORDER BY value) - 1 AS code
FROM (
    SELECT value FROM read_parquet($before)
    UNION
    SELECT "{column}" FROM incidents WHERE "{column}" IS NOT NULL
)
