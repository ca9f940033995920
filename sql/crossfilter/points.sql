-- Incidents, arrests and harm (days) by place within bounds, of many places a random sample.
-- Parameters: west, south, east, north (degrees), rows (most places); values of {conditions}.
WITH places AS (
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
),
-- analytics/crossfilter/point_sample.py draws in the same order.
once AS (
    SELECT *, xor(point_id >> 16, point_id)::BIGINT * 73244475 & 4294967295 AS mixed FROM places
),
twice AS (
    SELECT * REPLACE (xor(mixed >> 16, mixed) * 73244475 & 4294967295 AS mixed) FROM once
)
SELECT * EXCLUDE (mixed) FROM twice ORDER BY xor(mixed >> 16, mixed) LIMIT $rows
