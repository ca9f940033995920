-- Makes table `offenses` from the registered frame `offense_rows`.
-- Takes no parameters.
CREATE OR REPLACE TABLE offenses AS
SELECT
    offense_id::INTEGER AS offense_id, code, fbi_code, type, description, "group",
    offense_class, harm_days::INTEGER AS harm_days, proactive
FROM offense_rows
ORDER BY offense_id
