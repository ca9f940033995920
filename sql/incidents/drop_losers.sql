-- Removes from `incoming` the rows that a stored incident wins over or equals.
-- Parameters: none.
DELETE FROM incoming WHERE rowid IN (SELECT row FROM verdicts WHERE verdict IN ('duplicate', 'older'))
