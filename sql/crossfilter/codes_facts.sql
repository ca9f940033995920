-- How many incidents, offences, points and days (first to last) there are.
-- Parameters: none.
SELECT
    count(*) AS "rows",
    (SELECT coalesce(max(offence_id) + 1, 0) FROM offences)::BIGINT AS offences,
    (SELECT coalesce(max(point_id) + 1, 0) FROM points)::BIGINT AS points,
    min(operational_day) AS "first",
    coalesce(max(operational_day) - min(operational_day) + 1, 0)::BIGINT AS days
FROM incidents
