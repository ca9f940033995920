-- Returns the number of rows of `spellings`.
-- Takes no parameters.
SELECT count(*) FROM spellings
