-- Returns the keys of one area level in `incidents`, with their number of incidents.
-- Takes no parameters; {level} is one of AREA_LEVELS.
SELECT {level} AS key, count(*) AS incidents
FROM incidents
WHERE {level} IS NOT NULL
GROUP BY {level}
ORDER BY {level}
