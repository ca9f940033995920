-- Returns the number of calls.
-- Takes no parameters.
SELECT count(*) AS calls FROM calls
