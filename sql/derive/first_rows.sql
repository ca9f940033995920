-- Returns the first rows of `incoming`, in the order of the file.
-- Parameters: rows (how many).
SELECT * FROM incoming ORDER BY _line LIMIT $rows
