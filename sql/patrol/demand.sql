-- One row per selected incident with a place, a time and an area: local meters, block, area, time, harm in days.
-- Parameters: those of the conditions. Identifiers: {level}, {conditions}.
SELECT x_m, y_m, block, {level} AS area, occurred_from AS at, coalesce(harm_days, 0)::DOUBLE AS harm
FROM incidents
WHERE point_id IS NOT NULL AND hour IS NOT NULL AND {level} IS NOT NULL AND {conditions}
ORDER BY occurred_from, id
