-- Incidents by hour since Monday, January 1 of year 1 (week · 168 + hour of the week), where known.
-- With $widest_h, rounded times and those that may span over more hours are unknown too.
-- Parameters: $widest_h (or null) and those of the conditions. Identifiers: {conditions}.
SELECT
    (operational_day - DATE '0001-01-01')::INTEGER // 7 * 168 + (weekday - 1)::INTEGER * 24 + hour
        AS at,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE hour IS NOT NULL AND weekday IS NOT NULL AND operational_day IS NOT NULL
    AND (
        $widest_h::INTEGER IS NULL
        OR heaped_time IS NOT TRUE
        AND (occurred_to - occurred_from > to_hours($widest_h::INTEGER)) IS NOT TRUE
    )
    AND {conditions}
GROUP BY 1
