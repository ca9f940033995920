-- Incidents by day, unit and band of the day, from 0: day, columns of the unit, band, count. Only
-- with an hour that is not a rounded or default time. Parameters: $bands (band of each of the 24
-- hours), those of the unit and of the conditions. Identifiers: {unit}, {conditions}.
SELECT
    operational_day AS day,
    {unit},
    list_extract($bands, hour + 1) AS band,
    count(*)::BIGINT AS count
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND hour IS NOT NULL
    AND heaped_time IS NOT TRUE AND {conditions}
GROUP BY ALL
