-- Returns the texts of `surveyed` that no format reads, most frequent first: text, rows, line.
-- Parameters: most, v0 … (the formats).
SELECT value, rows, line FROM surveyed WHERE {moment} IS NULL ORDER BY rows DESC, line LIMIT $most
