-- Every pair of hour and shift that occurs.
-- Parameters: none.
SELECT DISTINCT hour, shift FROM incidents
