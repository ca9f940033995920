-- How many incidents, offenses, points and days (first to last) there are.
-- Parameters: none.
SELECT
    count(*) AS "rows",
    (SELECT coalesce(max(offense_id) + 1, 0) FROM offenses)::BIGINT AS offenses,
    (SELECT coalesce(max(point_id) + 1, 0) FROM points)::BIGINT AS points,
    min(operational_day) AS "first",
    coalesce(max(operational_day) - min(operational_day) + 1, 0)::BIGINT AS days
FROM incidents
