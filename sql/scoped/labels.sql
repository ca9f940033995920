-- Writes the labels that models give to places which a scoped snapshot has.
-- Parameters: models (names).
CREATE TABLE scoped.main.labels AS
SELECT labels.model, labels.version, shown.point_id, labels.label
FROM snapshot.main.labels AS labels
JOIN snapshot.main.points AS points USING (point_id)
JOIN scoped.main.points AS shown ON shown.lat = points.lat AND shown.lon = points.lon
WHERE list_contains($models::VARCHAR[], labels.model)
ORDER BY labels.model, shown.point_id
