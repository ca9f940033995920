-- Makes the table of refused rows, those of earlier batches first when earlier selects them.
-- Parameters: none.
CREATE OR REPLACE TABLE quarantine AS
SELECT
    CAST(NULL AS VARCHAR) AS batch,
    CAST(NULL AS VARCHAR) AS file,
    CAST(NULL AS BIGINT) AS line,
    CAST(NULL AS VARCHAR) AS reason,
    CAST(NULL AS VARCHAR) AS "column",
    CAST(NULL AS VARCHAR) AS value,
    CAST(NULL AS VARCHAR) AS raw
WHERE false
