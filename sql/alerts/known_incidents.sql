-- Incidents of a list of ids that the snapshot has: id, day, type, whether at a point, by day and id.
-- Parameters: $ids.
SELECT id, operational_day AS day, type, lat IS NOT NULL AS has_point
FROM incidents
WHERE id IN (SELECT unnest($ids))
ORDER BY operational_day, id
