-- Lines of the rows read whose id, made from their content, is retracted.
-- Parameters: those of the condition. Identifiers: {condition}.
SELECT _line FROM incoming WHERE {condition}
