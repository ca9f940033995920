-- Incidents of a selection in the order they are stored.
-- Parameters: values of {conditions}. Identifiers: {columns}.
SELECT {columns}
FROM incidents
WHERE {conditions}
