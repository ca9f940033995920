-- Returns, for squares of $size meters, the area of one level with the most incidents in each.
-- Parameters: size (meters). {level} is one of AREA_LEVELS.
WITH counted AS (
    SELECT
        {level} AS key,
        floor(x_m / $size)::INTEGER AS square_column,
        floor(y_m / $size)::INTEGER AS square_row,
        count(*) AS incidents
    FROM incidents
    WHERE {level} IS NOT NULL AND point_id IS NOT NULL
    GROUP BY ALL
)
SELECT
    key,
    (square_column + 0.5) * $size AS x_m,
    (square_row + 0.5) * $size AS y_m,
    incidents
FROM counted
QUALIFY row_number() OVER (
    PARTITION BY square_column, square_row ORDER BY incidents DESC, key
) = 1
ORDER BY key, square_column, square_row
