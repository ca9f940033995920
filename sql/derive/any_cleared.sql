-- Returns whether any call of `merged` has a time at which it was cleared.
-- Takes no parameters.
SELECT count(cleared) > 0 FROM merged
