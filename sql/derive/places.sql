-- Returns the unique places of `merged`: lat, lon, incidents.
-- Takes no parameters.
SELECT lat, lon, count(*)::INTEGER AS incidents
FROM merged
WHERE lat IS NOT NULL AND lon IS NOT NULL
GROUP BY lat, lon
ORDER BY lat, lon
