-- Incidents of a selection in the order they are stored: by occurred_from and id.
-- Parameters: values of {conditions}. Identifiers: {columns}.
SELECT {columns}
FROM incidents
WHERE {conditions}
