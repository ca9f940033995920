-- Returns how many rows of `surveyed` each format reads, of those that no chosen format reads.
-- Parameters: v0 … (the formats).
SELECT {counts}
FROM surveyed
WHERE {unread}
