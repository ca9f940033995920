-- Makes a table of rows of several loads, with where each came from.
-- Parameters: none.
CREATE TABLE {table} (number BIGINT, load INTEGER, file INTEGER, line BIGINT, {columns})
