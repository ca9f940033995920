-- Returns where each changed incident is stored, in the order of `incidents`.
-- Parameters: none.
SELECT position FROM positions ORDER BY number
