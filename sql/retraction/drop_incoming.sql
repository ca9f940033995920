-- Removes rows of retracted incidents from those read.
-- Parameters: those of the condition. Identifiers: {condition}.
DELETE FROM incoming WHERE {condition}
