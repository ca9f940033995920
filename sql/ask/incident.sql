-- The incident with this id.
-- Parameters: id.
SELECT id, case_number, operational_day, type, block, lat, lon FROM incidents WHERE id = $id
