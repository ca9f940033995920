-- Returns one incident of a snapshot, with the columns that this has.
-- Parameters: id.
SELECT * FROM incidents WHERE id = $id
