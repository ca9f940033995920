-- South, west, north and east within which nearly all places lie; null where there are none.
-- Parameters: low, high (shares of the places, as 0.001 and 0.999).
SELECT
    quantile_cont(lat, $low) AS south,
    quantile_cont(lon, $low) AS west,
    quantile_cont(lat, $high) AS north,
    quantile_cont(lon, $high) AS east
FROM points
