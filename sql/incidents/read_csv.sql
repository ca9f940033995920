-- Writes a CSV file's rows, in their order, to a Parquet file of text columns; stops at a fault.
-- Parameters: path, columns (struct of name: 'VARCHAR'), delimiter, header, skip (lines before it), target.
COPY (
    SELECT *
    FROM read_csv(
        $path,
        columns = $columns,
        delim = $delimiter,
        header = $header,
        skip = $skip,
        quote = '"',
        escape = '"',
        {options}
        auto_detect = false,
        strict_mode = true,
        nullstr = '',
        max_line_size = 8388608
    )
) TO $target (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
