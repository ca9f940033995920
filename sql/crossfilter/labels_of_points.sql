-- The label a version of a model gives each place, in the order of point_id; null where none.
-- Parameters: model, version.
SELECT named.label
FROM points
LEFT JOIN (
    SELECT point_id, label FROM labels WHERE model = $model AND version = $version
) AS named USING (point_id)
ORDER BY points.point_id
