-- Adds one model's labels, read from the registered table new_labels.
-- Parameters: model, version.
INSERT INTO labels SELECT $model, $version, point_id, label FROM new_labels ORDER BY point_id
