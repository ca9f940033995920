-- Returns calls by priority, state of one measure, its seconds (null where it has none), and whether {chosen}.
-- Parameters: values of {conditions} and {chosen}. Identifiers: {measure}.
SELECT
    priority,
    {measure}_state AS state,
    {measure}_s AS seconds,
    coalesce({chosen}, false) AS chosen,
    count(*) AS calls
FROM calls
WHERE {conditions}
GROUP BY ALL
