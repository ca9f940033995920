-- Makes the empty table `incoming`; columns are those an incident is stored with.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE incoming (
    {columns},
    row_hash UBIGINT,
    _file INTEGER,
    _line BIGINT,
    _row BIGINT,
    _reason VARCHAR,
    _column VARCHAR,
    _value VARCHAR,
    _place_problem VARCHAR,
    _unreadable VARCHAR
)
