-- Incidents that the public reported, by area, with their middle and the larger area of most: area, parent, work, x_m, y_m.
-- Parameters: $first, $last (days, both included). Identifiers: {area}, {parent}.
SELECT
    {area} AS area,
    mode({parent}) AS parent,
    count(*)::DOUBLE AS work,
    median(x_m) AS x_m,
    median(y_m) AS y_m
FROM incidents
WHERE operational_day BETWEEN $first AND $last AND proactive IS NOT TRUE AND {area} IS NOT NULL
GROUP BY ALL
ORDER BY area
