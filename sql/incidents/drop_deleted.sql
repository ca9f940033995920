-- Removes the records that the source deleted from `merged`.
-- Parameters: none.
DELETE FROM merged WHERE id IN (SELECT id FROM deleted)
