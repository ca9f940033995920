-- Removes one model's labels from a staged snapshot.
-- Parameters: model.
DELETE FROM labels WHERE model = $model
