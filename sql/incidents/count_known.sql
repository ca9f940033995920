-- Returns one row: how many incidents have a value in each of some columns.
-- Parameters: counts (count of each column).
SELECT {counts} FROM incidents
