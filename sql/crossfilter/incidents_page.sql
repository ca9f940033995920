-- Some incidents of a selection, sorted by one column, unknown values last.
-- Parameters: rows, offset; values of {conditions}. Identifiers: {columns}, {sort}, {direction}.
SELECT {columns}
FROM incidents
WHERE {conditions}
ORDER BY {sort} {direction} NULLS LAST, occurred_from DESC NULLS LAST, id
LIMIT $rows OFFSET $offset
