-- Returns ids as they are stored.
-- Parameters: ids (as the source writes them), and those of the expression of column c0.
SELECT DISTINCT {id} AS id
FROM (SELECT unnest($ids::VARCHAR[]) AS c0) AS given
WHERE id IS NOT NULL
