-- Makes the empty table `refused` of rows that go to the quarantine.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE refused (
    file VARCHAR,
    line BIGINT,
    reason VARCHAR,
    "column" VARCHAR,
    value VARCHAR,
    raw VARCHAR
)
