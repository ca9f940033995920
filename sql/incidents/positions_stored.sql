-- Returns the last position and the number of stored incidents: positions are counted without a gap.
-- Parameters: none.
SELECT max(rowid), count(*) FROM stored.incidents
