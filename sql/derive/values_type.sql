-- Makes a type of the values of a column, in order.
-- Takes no parameters. Identifiers: {type}, {column}, {table}.
CREATE TYPE {type} AS ENUM (
    SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1
)
