-- Fills a column of labels from the registered table new_column: number (of the incident), label.
-- Parameters: none. Identifiers: {column}.
UPDATE incidents SET {column} = new_column.label
FROM new_column
WHERE incidents.rowid = new_column.number
