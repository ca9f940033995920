-- Makes table `calls` from `merged`, each with its parts of time, the seconds of each measure and why one has none.
-- Takes day_start_s, has_hours, shifts (24 names), has_cleared, dispatch_filled, longest_s.
CREATE OR REPLACE TABLE calls AS
WITH newest AS (
    SELECT max(received) AS moment FROM merged
),
judged AS (
    SELECT
        merged.*,
        CASE WHEN $has_hours THEN hour(received) END AS clock_hour,
        CAST(
            CASE WHEN $has_hours THEN received - to_seconds($day_start_s) ELSE received END AS DATE
        ) AS own_day,
        $has_cleared AND cleared IS NULL AS is_open,
        coalesce(updated, newest.moment) AS last_known,
        $dispatch_filled AND on_scene IS NULL AS nobody_came,
        CASE
            WHEN other_agency THEN 'other agency'
            WHEN duplicate THEN 'duplicate'
        END AS not_ours,
        CASE
            WHEN other_agency THEN 'other agency'
            WHEN duplicate THEN 'duplicate'
            WHEN on_view THEN 'on-view'
            WHEN canceled THEN 'canceled'
        END AS nobody_waits,
        coalesce(dispatched, on_scene, CASE WHEN on_view THEN received END) AS sent
    FROM merged, newest
)
SELECT
    (row_number() OVER (ORDER BY received, id))::INTEGER AS call,
    {base},
    {attributes}
    clock_hour::TINYINT AS hour,
    isodow(own_day)::TINYINT AS weekday,
    ($shifts::VARCHAR[])[clock_hour + 1] AS shift,
    own_day AS operational_day,
    sent,
    CASE WHEN on_view THEN 'officer' WHEN NOT on_view THEN 'caller' END AS origin,
    {measures},
    row_hash
FROM judged
ORDER BY received, id
