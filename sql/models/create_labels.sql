-- Creates the table of the labels of places by champions.
-- Parameters: none.
CREATE TABLE IF NOT EXISTS labels (model VARCHAR, version INTEGER, point_id INTEGER, label VARCHAR)
