-- Replaces the texts of a column of `merged` that `spellings` has.
-- Identifiers: column.
UPDATE merged
SET {column} = spellings.spelled
FROM spellings
WHERE merged.{column} = spellings.text
