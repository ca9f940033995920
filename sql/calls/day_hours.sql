-- Returns unit-hours of calls of callers by day and hour of the clock: day (operational), hour, unit_hours.
-- Parameters: first, last (operational days), values of {conditions}.
SELECT
    operational_day AS day,
    hour,
    sum(unit_hours) AS unit_hours
FROM unit_time
WHERE
    operational_day BETWEEN $first AND $last
    AND NOT coalesce(on_view, false)
    AND ({conditions})
GROUP BY ALL
