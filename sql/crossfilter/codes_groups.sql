-- Offenses of every line of every scheme of groups.
-- Parameters: none.
SELECT DISTINCT scheme, "group", offense_id FROM offense_groups ORDER BY ALL
