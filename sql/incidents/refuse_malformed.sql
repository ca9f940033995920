-- Copies one file's malformed rows to `refused`.
-- Parameters: path (JSON lines with line, reason, raw), name.
INSERT INTO refused
SELECT $name, line, reason, NULL, NULL, raw
FROM read_json(
    $path,
    format = 'newline_delimited',
    columns = {'line': 'BIGINT', 'reason': 'VARCHAR', 'raw': 'VARCHAR'},
    maximum_object_size = 134217728
)
ORDER BY line
