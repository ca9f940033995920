-- Incidents, arrests and harm (days) by line of one scheme of groups; lines may overlap.
-- Parameters: scheme; values of {conditions}.
SELECT
    groups.scheme || ':' || groups."group" AS "group",
    sum(counts.incidents)::BIGINT AS incidents,
    sum(counts.arrests)::BIGINT AS arrests,
    sum(counts.harm)::BIGINT AS harm
FROM (
    SELECT
        offense_id,
        count(*) AS incidents,
        count(*) FILTER (WHERE arrest) AS arrests,
        coalesce(sum(harm_days), 0) AS harm
    FROM incidents
    WHERE {conditions}
    GROUP BY offense_id
) AS counts
JOIN (
    SELECT DISTINCT offense_id, scheme, "group" FROM offense_groups WHERE scheme = $scheme
) AS groups USING (offense_id)
GROUP BY ALL
