-- Labels a version of a model gives, `none` among them, with their incidents, most first.
-- Parameters: model, version, head (before the label), rows (most values).
SELECT
    $head || coalesce(named.label, 'none') AS value,
    sum(points.incidents)::BIGINT AS incidents
FROM points
LEFT JOIN (
    SELECT point_id, label FROM labels WHERE model = $model AND version = $version
) AS named USING (point_id)
GROUP BY ALL
ORDER BY incidents DESC, value
LIMIT $rows
