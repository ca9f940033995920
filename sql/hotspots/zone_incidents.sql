-- Input of zone profiles: one row per selected incident with a place.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT
    point_id, x_m, y_m, block, beat, district, area, type, location_type, hour, operational_day AS day,
    coalesce(harm_days, 0)::BIGINT AS harm
FROM incidents
WHERE point_id IS NOT NULL AND {conditions}
