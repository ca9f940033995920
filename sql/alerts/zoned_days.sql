-- One row per selected incident with a day: day, zone of a model's version (null outside of all).
-- Parameters: $model, $version, $first, $last (days, both included) and those of the conditions. Identifiers: {conditions}.
SELECT chosen.day, named.zone
FROM (
    SELECT point_id, operational_day AS day
    FROM incidents
    WHERE operational_day BETWEEN $first AND $last AND {conditions}
) AS chosen
LEFT JOIN (
    SELECT point_id, label::BIGINT AS zone FROM labels WHERE model = $model AND version = $version
) AS named USING (point_id)
