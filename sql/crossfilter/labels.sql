-- Incidents, arrests and harm (days) by the label a version of a model gives their place.
-- Parameters: model, version, head (before the label); values of {conditions}. Identifiers: {bin}.
SELECT
    CASE
        WHEN counts.point_id IS NULL THEN 'unknown'
        ELSE $head || coalesce(named.label, 'none')
    END AS "{bin}",
    sum(counts.incidents)::BIGINT AS incidents,
    sum(counts.arrests)::BIGINT AS arrests,
    sum(counts.harm)::BIGINT AS harm
FROM (
    SELECT
        point_id,
        count(*) AS incidents,
        count(*) FILTER (WHERE arrest) AS arrests,
        coalesce(sum(harm_days), 0) AS harm
    FROM incidents
    WHERE {conditions}
    GROUP BY point_id
) AS counts
LEFT JOIN (
    SELECT point_id, label FROM labels WHERE model = $model AND version = $version
) AS named USING (point_id)
GROUP BY ALL
