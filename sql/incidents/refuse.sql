-- Copies one file's refused rows, whole, to `refused`; names are its columns c0, c1, …
-- Parameters: path, number, name, names (of the columns).
INSERT INTO refused
SELECT
    $name,
    incoming._line,
    incoming._reason,
    incoming._column,
    incoming._value,
    CAST(to_json(map($names::VARCHAR[], [{cells}])) AS VARCHAR)
FROM read_parquet($path, file_row_number = true) AS given({names}, file_row_number)
JOIN incoming ON incoming._row = given.file_row_number
WHERE incoming._file = $number AND incoming._reason IS NOT NULL
ORDER BY incoming._line
