-- Returns incidents, and how many of `merged` are not at midnight, and not on the first of a month.
-- Takes no parameters.
SELECT
    count(*),
    count(*) FILTER (WHERE occurred_from <> date_trunc('day', occurred_from)),
    count(*) FILTER (WHERE day(occurred_from) <> 1)
FROM merged
