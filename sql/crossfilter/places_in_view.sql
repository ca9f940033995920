-- How many places within bounds have incidents, with their incidents, arrests and harm (days).
-- Parameters: west, south, east, north (degrees); values of {conditions}.
SELECT
    count(DISTINCT point_id) AS places,
    count(*) AS incidents,
    count(*) FILTER (WHERE arrest) AS arrests,
    coalesce(sum(harm_days), 0)::BIGINT AS harm
FROM incidents
WHERE
    point_id IS NOT NULL
    AND lon BETWEEN $west AND $east
    AND lat BETWEEN $south AND $north
    AND {conditions}
HAVING count(*) > 0
