-- Makes `incoming` the table `merged`.
-- Parameters: none.
ALTER TABLE incoming RENAME TO merged
