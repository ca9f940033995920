-- Removes one model's labels from a snapshot being built.
-- Parameters: model.
DELETE FROM labels WHERE model = $model
