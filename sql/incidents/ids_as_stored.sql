-- Returns ids as the source writes them and as they are stored.
-- Parameters: ids (as the source writes them), and those of the expression of column c0.
SELECT c0, {id} AS id
FROM (SELECT unnest($ids::VARCHAR[]) AS c0) AS given
WHERE id IS NOT NULL
