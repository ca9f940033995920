-- Returns some texts of `surveyed` that no chosen format reads, drawn evenly.
-- Parameters: most, v0 … (the formats).
SELECT written FROM surveyed WHERE {unread} ORDER BY hash(written) LIMIT $most
