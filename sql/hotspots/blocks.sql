-- Blocks with the middle of their incidents in local meters, and how many incidents they have.
-- Takes no parameters.
SELECT
    block,
    median(x_m) AS x_m,
    median(y_m) AS y_m,
    count(*)::BIGINT AS incidents
FROM incidents
WHERE point_id IS NOT NULL AND block IS NOT NULL
GROUP BY block
ORDER BY block
