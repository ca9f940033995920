-- Makes table `offense_groups` from the registered frame `offense_group_rows`.
-- Takes no parameters.
CREATE OR REPLACE TABLE offense_groups AS
SELECT offense_id::INTEGER AS offense_id, scheme, "group"
FROM offense_group_rows
ORDER BY scheme, "group", offense_id
