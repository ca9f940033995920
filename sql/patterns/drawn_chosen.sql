-- Numbers of drawn incidents, read from the registered table drawn, that meet the conditions.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT number FROM drawn WHERE {conditions}
