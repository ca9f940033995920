-- Hashes of the case numbers, in the order of the rows.
-- Parameters: none.
SELECT (hash(case_number) >> 32)::UINTEGER AS hash FROM incidents ORDER BY rowid
