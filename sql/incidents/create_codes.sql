-- Makes table `codes` of the registered code_rows: key and the fields that it gives.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE codes AS SELECT * FROM code_rows
