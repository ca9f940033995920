-- Makes table `unit_time`: measured calls by each hour of the clock in which they kept units busy.
-- Takes day_start_s, shifts (24 names).
CREATE OR REPLACE TABLE unit_time AS
WITH hours AS (
    SELECT
        *,
        unnest(generate_series(date_trunc('hour', sent), cleared, INTERVAL 1 HOUR)) AS start
    FROM calls
    WHERE unit_state = 'measured'
),
cut AS (
    SELECT
        * EXCLUDE (operational_day, weekday, hour, shift),
        CAST(start - to_seconds($day_start_s) AS DATE) AS operational_day,
        coalesce(units, 1)
            * epoch(least(cleared, start + INTERVAL 1 HOUR) - greatest(sent, start))
            / 3600 AS unit_hours
    FROM hours
)
SELECT
    * EXCLUDE (start, unit_hours),
    isodow(operational_day)::TINYINT AS weekday,
    hour(start)::TINYINT AS hour,
    ($shifts::VARCHAR[])[hour(start) + 1] AS shift,
    unit_hours
FROM cut
WHERE unit_hours > 0
ORDER BY call, start
