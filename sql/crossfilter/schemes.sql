-- Lines of every scheme of groups but the headline, as scheme:line, with their incidents.
-- Parameters: rows (most values).
SELECT groups.scheme || ':' || groups."group" AS value, sum(counts.incidents)::BIGINT AS incidents
FROM (SELECT DISTINCT offense_id, scheme, "group" FROM offense_groups) AS groups
JOIN (SELECT offense_id, count(*) AS incidents FROM incidents GROUP BY offense_id) AS counts
    USING (offense_id)
WHERE groups.scheme <> 'headline'
GROUP BY ALL
ORDER BY incidents DESC, value
LIMIT $rows
