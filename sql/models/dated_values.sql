-- One row per selected incident with a place and a day: point_id, week, type, hour, location type.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT
    point_id, datediff('day', DATE '1970-01-01', operational_day) // 7 AS week,
    type, hour, location_type
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
