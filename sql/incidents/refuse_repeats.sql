-- Marks rows of `incoming` whose id another row, or a stored record not in `resent`, has with other content.
-- Parameters: reason, column. Identifier: stored, rows of id and row_hash.
UPDATE incoming
SET _reason = $reason, _column = $column, _value = id
WHERE id IN (SELECT id FROM incoming GROUP BY id HAVING min(row_hash) <> max(row_hash))
    OR id IN (
        SELECT incoming.id
        FROM incoming
        JOIN ({stored}) AS earlier
            ON earlier.id = incoming.id AND earlier.row_hash <> incoming.row_hash
        WHERE earlier.id NOT IN (SELECT id FROM resent)
    )
