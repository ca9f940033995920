-- Adds a file's rows, typed, to `incoming`, with the reason where a row is to be refused.
-- Parameters: path, number, now, earliest, too_early, scientific, in_scientific, id_column, date_column, west, south, east, north, v0 …
INSERT INTO incoming
WITH raw AS (
    SELECT *, {line} AS _at
    FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
),
fields AS (
    SELECT
        {fields},
        {date_text} AS _date_text,
        {unreadable} AS _unreadable,
        _at,
        file_row_number
    FROM raw
),
placed AS (
    SELECT
        *,
        {id} AS _id,
        CASE
            WHEN raw_lat IS NULL OR raw_lon IS NULL THEN 'none'
            WHEN {placeholder} THEN 'placeholder'
            WHEN
                NOT (raw_lon BETWEEN $west AND $east AND raw_lat BETWEEN $south AND $north)
                THEN 'out of bounds'
        END AS _place_problem
    FROM fields
    {places}
),
judged AS (
    SELECT
        *,
        CASE
            WHEN _id IS NULL THEN 'no id'
            WHEN contains(_id, '+') AND regexp_full_match(_id, $scientific) THEN $in_scientific
            WHEN _date_text IS NULL THEN 'no date'
            WHEN {moment} IS NULL THEN 'unreadable date'
            WHEN {moment} < $earliest THEN $too_early
            WHEN {moment} > $now THEN 'date in the future'
        END AS _reason
    FROM placed
),
shaped AS (
    SELECT
        {finals},
        _at,
        file_row_number,
        _reason,
        CASE
            WHEN _reason IN ('no id', $in_scientific) THEN $id_column
            WHEN _reason IS NOT NULL THEN $date_column
        END AS _column,
        CASE
            WHEN _reason = $in_scientific THEN _id
            WHEN _reason <> 'no id' THEN _date_text
        END AS _value,
        _place_problem,
        _unreadable
    FROM judged
)
SELECT
    {columns},
    {hash} AS row_hash,
    $number,
    _at,
    file_row_number,
    _reason,
    _column,
    _value,
    _place_problem,
    _unreadable
FROM shaped
