-- Removes one file's refused rows from `incoming`.
-- Parameters: number.
DELETE FROM incoming WHERE _file = $number AND _reason IS NOT NULL
