-- Makes table `incidents` from `merged`, `offenses`, `points`, and the registered `default_types`, `default_places`.
-- Takes day_start_s, has_hours, has_days, has_addresses, shifts (24 names), heaped (minutes).
CREATE OR REPLACE TABLE incidents AS
WITH dated AS (
    SELECT
        *,
        CASE WHEN $has_hours THEN hour(occurred_from) END AS clock_hour,
        CAST(
            CASE
                WHEN $has_hours THEN occurred_from - to_seconds($day_start_s)
                ELSE occurred_from
            END AS DATE
        ) AS own_day
    FROM merged
)
SELECT
    {base},
    offenses.offense_id,
    points.point_id,
    offenses."group",
    dated.clock_hour::TINYINT AS hour,
    CASE WHEN $has_days THEN isodow(dated.own_day)::TINYINT END AS weekday,
    ($shifts::VARCHAR[])[dated.clock_hour + 1] AS shift,
    dated.own_day AS operational_day,
    strftime(dated.own_day, '%Y-%m') AS month,
    CASE
        WHEN month(dated.own_day) IN (12, 1, 2) THEN 'Winter'
        WHEN month(dated.own_day) IN (3, 4, 5) THEN 'Spring'
        WHEN month(dated.own_day) IN (6, 7, 8) THEN 'Summer'
        WHEN month(dated.own_day) IN (9, 10, 11) THEN 'Autumn'
    END AS season,
    CASE
        WHEN $has_hours THEN
            second(dated.occurred_from) = 0
            AND list_contains(
                $heaped::INTEGER[],
                (dated.clock_hour * 60 + minute(dated.occurred_from))::INTEGER
            )
    END AS heaped_time,
    offenses.proactive,
    CASE
        WHEN $has_addresses THEN
            default_types.location_type IS NOT NULL OR default_places.lat IS NOT NULL
    END AS default_address,
    offenses.harm_days,
    points.x_m,
    points.y_m,
    {attributes}
    dated.row_hash
FROM dated
LEFT JOIN offenses
    ON offenses.code IS NOT DISTINCT FROM dated.code
    AND offenses.fbi_code IS NOT DISTINCT FROM dated.fbi_code
    AND offenses.type IS NOT DISTINCT FROM dated.type
    AND offenses.description IS NOT DISTINCT FROM dated.description
LEFT JOIN points ON points.lat = dated.lat AND points.lon = dated.lon
LEFT JOIN default_types ON default_types.location_type = dated.location_type
LEFT JOIN default_places
    ON default_places.lat = dated.lat
    AND default_places.lon = dated.lon
    AND coalesce(
        default_places.location_type = upper(dated.location_type),
        default_places.location_type IS NULL
    )
ORDER BY dated.occurred_from, dated.id
