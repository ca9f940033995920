-- Fishnet cells with at least one place: column and row, in the order of the map and its values.
-- Parameters: $size, side of the cells in meters.
SELECT DISTINCT
    CAST(floor(x_m / $size) AS BIGINT) AS cell_column,
    CAST(floor(y_m / $size) AS BIGINT) AS cell_row
FROM points
WHERE x_m IS NOT NULL AND y_m IS NOT NULL
ORDER BY cell_column, cell_row
