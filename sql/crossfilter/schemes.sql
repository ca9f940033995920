-- Lines of every scheme of groups but the headline, as scheme:line, with their incidents.
-- Parameters: rows (most values).
SELECT groups.scheme || ':' || groups."group" AS value, sum(counts.incidents)::BIGINT AS incidents
FROM (SELECT DISTINCT offence_id, scheme, "group" FROM offence_groups) AS groups
JOIN (SELECT offence_id, count(*) AS incidents FROM incidents GROUP BY offence_id) AS counts
    USING (offence_id)
WHERE groups.scheme <> 'headline'
GROUP BY ALL
ORDER BY incidents DESC, value
LIMIT $rows
