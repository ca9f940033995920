-- Incidents of a list of ids that the snapshot still has, all columns, numbered by the list.
-- Parameters: ids (list of text).
SELECT listed.number, incidents.*
FROM incidents
JOIN (
    SELECT unnest($ids::VARCHAR[]) AS id, unnest(range(len($ids::VARCHAR[]))) AS number
) AS listed USING (id)
ORDER BY listed.number
