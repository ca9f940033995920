-- Makes the view of a table of calls that a reader sees in its place.
-- Identifiers: {table}, {inside}.
CREATE VIEW memory.main.{table} AS SELECT * FROM snapshot.main.{table} WHERE {inside}
