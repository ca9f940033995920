-- Returns the column that most of the refused rows with the most frequent reason are due to.
-- Parameters: none.
SELECT "column"
FROM refused
GROUP BY reason, "column"
ORDER BY count(*) DESC, reason
LIMIT 1
