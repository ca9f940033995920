-- One row per selected incident with a place and a day: day, block, local meters and harm in days.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT operational_day AS day, block, x_m, y_m, coalesce(harm_days, 0)::DOUBLE AS harm
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
ORDER BY occurred_from, id
