-- Creates the table of labels that champions give to places.
-- Parameters: none.
CREATE TABLE IF NOT EXISTS labels (model VARCHAR, version INTEGER, point_id INTEGER, label VARCHAR)
