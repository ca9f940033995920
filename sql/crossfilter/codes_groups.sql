-- Offences of every line of every scheme of groups.
-- Parameters: none.
SELECT DISTINCT scheme, "group", offence_id FROM offence_groups ORDER BY ALL
