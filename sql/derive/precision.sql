-- Returns how many records of `merged` have a time, and how many are not at midnight, and not on the first of a month.
-- Takes no parameters. Identifiers: moment, the column of the time.
SELECT
    count({moment}),
    count(*) FILTER (WHERE {moment} <> date_trunc('day', {moment})),
    count(*) FILTER (WHERE day({moment}) <> 1)
FROM merged
