-- Incidents by hour since Monday, January 1 of year 1 (week · 168 + hour of the week), where known.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT
    (operational_day - DATE '0001-01-01')::INTEGER // 7 * 168 + (weekday - 1)::INTEGER * 24 + hour
        AS at,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE hour IS NOT NULL AND weekday IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
GROUP BY 1
