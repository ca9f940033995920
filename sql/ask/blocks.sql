-- Blocks as they are written, most incidents first, with their mean place.
-- Parameters: none.
SELECT block, count(*) AS incidents, avg(lat) AS lat, avg(lon) AS lon
FROM incidents
WHERE block IS NOT NULL
GROUP BY block
ORDER BY incidents DESC, block
