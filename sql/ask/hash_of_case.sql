-- Hash of a case number, such as `hashes_of_cases` has.
-- Parameters: case_number.
SELECT (hash($case_number::VARCHAR) >> 32)::UINTEGER AS hash
