-- Incidents whose time is a moment (no end, or none after the start), by hour of the week.
-- Parameters: $day_start_s (seconds) and those of the conditions. Identifiers: {conditions}.
SELECT
    (((epoch(occurred_from)::BIGINT - $day_start_s - 4 * 86400) % 604800 + 604800) % 604800 // 3600
    )::INTEGER AS hour_of_week,
    count(*)::BIGINT AS incidents,
    count(*) FILTER (WHERE occurred_to IS NULL)::BIGINT AS without_end
FROM incidents
WHERE
    hour IS NOT NULL
    AND (occurred_to IS NULL OR epoch(occurred_to)::BIGINT <= epoch(occurred_from)::BIGINT)
    AND {conditions}
GROUP BY ALL
