-- Returns columns of one file and their values that no format or word list reads.
-- Parameters: number.
SELECT unnest(string_split(_unreadable, ',')) AS name, count(*)
FROM incoming
WHERE _file = $number AND _unreadable IS NOT NULL AND _reason IS NULL
GROUP BY name
