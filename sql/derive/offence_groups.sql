-- Makes table `offence_groups` from the registered frame `offence_group_rows`.
-- Takes no parameters.
CREATE OR REPLACE TABLE offence_groups AS
SELECT offence_id::INTEGER AS offence_id, scheme, "group"
FROM offence_group_rows
ORDER BY scheme, "group", offence_id
