-- Returns the number of places of the stored snapshot.
-- Parameters: none.
SELECT count(*) FROM stored.points
