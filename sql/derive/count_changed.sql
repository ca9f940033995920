-- Returns the number of incidents that were derived.
-- Parameters: none.
SELECT count(*) FROM incidents
