-- Stores a column of texts as codes of a type.
-- Takes no parameters. Identifiers: {table}, {column}, {type}.
ALTER TABLE {table} ALTER COLUMN {column} TYPE {type}
