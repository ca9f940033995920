-- Incidents, arrests and harm (days) by place within bounds, the fullest places first.
-- Parameters: west, south, east, north (degrees), rows (most places); values of {conditions}.
SELECT
    lat,
    lon,
    point_id,
    count(*) AS incidents,
    count(*) FILTER (WHERE arrest) AS arrests,
    coalesce(sum(harm_days), 0)::BIGINT AS harm
FROM incidents
WHERE lon BETWEEN $west AND $east AND lat BETWEEN $south AND $north AND {conditions}
GROUP BY lat, lon, point_id
ORDER BY incidents DESC, point_id
LIMIT $rows
