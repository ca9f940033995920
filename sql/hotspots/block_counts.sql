-- Selected incidents by block, or by point where the block is not known.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT count(*)::BIGINT AS incidents
FROM incidents
WHERE point_id IS NOT NULL AND {conditions}
GROUP BY coalesce(block, point_id::VARCHAR)
