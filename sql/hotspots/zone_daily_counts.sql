-- Selected incidents by zone of the model and operational day.
-- Parameters: $model, $version and those of the conditions. Identifiers: {conditions}.
SELECT named.zone, chosen.day, count(*)::BIGINT AS count
FROM (
    SELECT point_id, operational_day AS day
    FROM incidents
    WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
) AS chosen
JOIN (
    SELECT point_id, label::BIGINT AS zone FROM labels WHERE model = $model AND version = $version
) AS named USING (point_id)
GROUP BY ALL
