-- Numbers of sampled incidents, from the registered table sampled, that meet the conditions.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT number FROM sampled WHERE {conditions}
