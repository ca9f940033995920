-- Drops one column of `incoming`.
-- Parameters: none; column is one of the columns only normalizing needs.
ALTER TABLE incoming DROP COLUMN {column}
