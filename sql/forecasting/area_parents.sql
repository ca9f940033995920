-- The larger area in which most incidents of each area are: area, parent.
-- Identifiers: {area}, {parent}.
SELECT {area} AS area, mode({parent}) AS parent
FROM incidents
WHERE {area} IS NOT NULL AND {parent} IS NOT NULL
GROUP BY ALL
ORDER BY area
