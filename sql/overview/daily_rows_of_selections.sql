-- As daily_rows, but types are the names of selections that contain the incident, and '' for every incident.
-- Parameters: $first, $last, $step, $kind_0 … (names) and those of the conditions. Identifiers: {kinds}, {area}, {conditions}.
SELECT day, type, area, count(*)::BIGINT AS incidents, (count(*) FILTER (arrest))::BIGINT AS arrests,
    count(arrest)::BIGINT AS arrest_known,
    coalesce(sum(harm_days), 0)::BIGINT AS harm,
    coalesce(sum(harm_days::DOUBLE * harm_days), 0)::DOUBLE AS squares
FROM (
    SELECT
        $last::DATE - ($last::DATE - operational_day)::INTEGER // $step * $step AS day,
        unnest([{kinds}]) AS type,
        coalesce({area}, 'unknown') AS area,
        arrest,
        harm_days
    FROM incidents
    WHERE operational_day BETWEEN $first AND $last AND {conditions}
)
WHERE type IS NOT NULL
GROUP BY ALL
