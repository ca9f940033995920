-- Returns the rows of `incoming` with an id, as they would be stored, with their line.
-- Parameters: id.
SELECT * FROM incoming WHERE id = $id ORDER BY _line
