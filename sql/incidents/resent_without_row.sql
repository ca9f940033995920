-- Returns ids that were deleted and sent again, but of which `incoming` has no row, as it was refused.
-- Parameters: none.
SELECT id FROM resent WHERE id NOT IN (SELECT id FROM incoming)
