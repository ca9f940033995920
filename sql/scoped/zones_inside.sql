-- Zones of a model, at least a share of whose incidents a reader of some areas sees: label.
-- Parameters: $model, $least (share) and those of the condition. Identifiers: {seen}.
SELECT label
FROM incidents
JOIN (SELECT point_id, label FROM labels WHERE model = $model) AS labeled USING (point_id)
GROUP BY ALL
HAVING count(*) FILTER (WHERE {seen}) >= $least * count(*)
