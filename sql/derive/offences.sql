-- Makes table `offences` from the registered frame `offence_rows`.
-- Takes no parameters.
CREATE OR REPLACE TABLE offences AS
SELECT
    offence_id::INTEGER AS offence_id, code, fbi_code, type, description, "group",
    offence_class, harm_days::INTEGER AS harm_days, proactive
FROM offence_rows
ORDER BY offence_id
