-- Whether any incident has a block.
-- Parameters: none.
SELECT count(block) > 0 AS has_blocks FROM incidents
