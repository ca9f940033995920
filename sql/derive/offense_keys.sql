-- Returns the distinct offenses of `merged`: code, fbi_code, type, description, incidents.
-- Takes no parameters.
SELECT code, fbi_code, type, description, count(*) AS incidents
FROM merged
GROUP BY ALL
ORDER BY code NULLS LAST, fbi_code NULLS LAST, type NULLS LAST, description NULLS LAST
