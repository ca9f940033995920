-- Returns of `surveyed`: rows, rows not read, whether any has a time of day, the latest time of
-- day, rows at 24:00, a text that shows the order of its parts and how. Parameters: v0 …
SELECT
    coalesce(sum(rows), 0),
    coalesce(sum(rows) FILTER (moment IS NULL), 0),
    coalesce(bool_or(moment <> date_trunc('day', moment)), false),
    CAST(max(CAST(moment AS TIME)) AS VARCHAR),
    coalesce(
        sum(rows) FILTER (moment IS NOT NULL AND regexp_matches(value, '(^|[ T])24(:?00)*$')), 0
    ),
    arg_min(value, telling) FILTER (moment IS NOT NULL),
    CAST(arg_min(moment, telling) AS VARCHAR)
FROM (
    SELECT
        *,
        CASE
            WHEN day(moment) > 12 THEN line
            WHEN day(moment) <> month(moment) THEN 1000000000000 + line
            ELSE 2000000000000 + line
        END AS telling
    FROM (SELECT value, rows, line, {moment} AS moment FROM surveyed)
)
