-- Incidents by type and hour of the week, 24 · (weekday − 1) + hour, where known.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT
    type,
    (weekday - 1)::INTEGER * 24 + hour AS at,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE type IS NOT NULL AND hour IS NOT NULL AND weekday IS NOT NULL AND {conditions}
GROUP BY ALL
ORDER BY ALL
