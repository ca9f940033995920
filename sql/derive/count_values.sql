-- Returns one row: the number of different values of a column.
-- Takes no parameters. Identifiers: {table}, {column}.
SELECT count(DISTINCT {column}) FROM {table}
