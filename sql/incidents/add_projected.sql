-- Adds a batch of projected pairs; what lies outside the projection is infinite and becomes null.
-- Parameters: none; reads the registered `projected_batch`.
INSERT INTO projected
SELECT
    x,
    y,
    CASE WHEN isfinite(raw_lat) THEN raw_lat END,
    CASE WHEN isfinite(raw_lon) THEN raw_lon END
FROM projected_batch
