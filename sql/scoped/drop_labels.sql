-- Takes the labels of a model's zones that are not kept from the places of a scoped snapshot.
-- Parameters: model, kept (labels).
DELETE FROM labels WHERE model = $model AND NOT list_contains($kept::VARCHAR[], label)
