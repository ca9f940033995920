-- Returns the present code of each value numbered before, in the former order.
-- Parameters: before (file of the values before). Identifiers: {column}.
SELECT numbered.code
FROM (SELECT value, file_row_number FROM read_parquet($before, file_row_number = true)) AS former
JOIN temp."codes_{column}" AS numbered ON numbered.value = former.value
ORDER BY former.file_row_number
