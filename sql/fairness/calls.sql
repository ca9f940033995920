-- Calls for service of callers by area: area, calls, first and last (their days).
-- Parameters: $first, $last (days, both included). Identifiers: {area}.
SELECT
    {area} AS area,
    count(*)::BIGINT AS calls,
    min(operational_day) AS first,
    max(operational_day) AS last
FROM calls
WHERE
    operational_day BETWEEN $first AND $last
    AND {area} IS NOT NULL
    AND NOT coalesce(on_view, FALSE)
    AND NOT coalesce(other_agency, FALSE)
    AND NOT coalesce(duplicate, FALSE)
GROUP BY {area}
