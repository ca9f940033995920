-- Makes table json_rows(line, json) of lines written as number, unit separator, JSON text.
-- Parameters: path.
CREATE OR REPLACE TEMP TABLE json_rows AS
SELECT *
FROM read_csv(
    $path,
    columns = {'line': 'BIGINT', 'json': 'VARCHAR'},
    delim = chr(31),
    header = false,
    quote = '',
    escape = '',
    auto_detect = false,
    max_line_size = 8388608
)
