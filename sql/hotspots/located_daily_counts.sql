-- Selected incidents with a place by operational day.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT operational_day AS day, count(*)::BIGINT AS count
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
GROUP BY ALL
