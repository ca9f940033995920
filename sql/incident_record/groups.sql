-- Returns the groups of an offense, by scheme.
-- Parameters: offense (its offense_id).
SELECT scheme, "group" FROM offense_groups WHERE offense_id = $offense ORDER BY ALL
