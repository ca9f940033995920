-- The incidents of a case among these rows, such as `incident` has them.
-- Parameters: case_number, rows (row numbers), most (incidents).
SELECT id, case_number, operational_day, type, block, lat, lon
FROM incidents
WHERE rowid IN (SELECT unnest($rows::BIGINT[])) AND case_number = $case_number
ORDER BY id
LIMIT $most
