-- How many incidents match conditions.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT count(*) AS incidents FROM incidents WHERE {conditions}
