-- Offenses that pass filters on type, description and group.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT offense_id FROM offenses WHERE {conditions}
