-- Selected incidents by zone and cell; zone is null for places in no zone of the model.
-- Parameters: $size (meters), $model, $version and those of the conditions. Identifiers: {conditions}.
SELECT
    named.zone,
    floor(chosen.x_m / $size)::BIGINT AS col,
    floor(chosen.y_m / $size)::BIGINT AS "row",
    count(*)::BIGINT AS count
FROM (SELECT point_id, x_m, y_m FROM incidents WHERE point_id IS NOT NULL AND {conditions}) AS chosen
LEFT JOIN (
    SELECT point_id, label::BIGINT AS zone FROM labels WHERE model = $model AND version = $version
) AS named USING (point_id)
GROUP BY ALL
