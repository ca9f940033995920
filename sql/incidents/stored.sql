-- Returns the stored incidents with the columns of the source; those they lack are null.
-- Parameters: none.
SELECT {columns} FROM stored.incidents
