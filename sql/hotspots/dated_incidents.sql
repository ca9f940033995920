-- One row per selected incident with a place and a day, by time and id.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT
    id, point_id, x_m, y_m, operational_day AS day, coalesce(harm_days, 0)::BIGINT AS harm
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
ORDER BY occurred_from, id
