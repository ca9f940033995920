-- Numbers the values of one column of incidents from 0, in their order.
-- Parameters: none. Identifiers: {column}.
CREATE OR REPLACE TEMP TABLE "codes_{column}" AS
SELECT value, row_number() OVER (ORDER BY value) - 1 AS code
FROM (SELECT DISTINCT "{column}" AS value FROM incidents WHERE "{column}" IS NOT NULL)
