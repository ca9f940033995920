-- The number of incidents that pass: incidents.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT count(*)::BIGINT AS incidents FROM incidents WHERE {conditions}
