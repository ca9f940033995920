-- Incidents, arrests and harm (days) by each set of keys; `grouping` tells the sets apart.
-- Parameters: values of {conditions}. Identifiers: {keys}, {derived} and {sets} from the views.
SELECT
    {grouping} AS "grouping",
    {keys}
    count(*) AS incidents,
    count(*) FILTER (WHERE arrest) AS arrests,
    coalesce(sum(harm_days), 0)::BIGINT AS harm
FROM (SELECT *{derived} FROM incidents WHERE {conditions})
GROUP BY GROUPING SETS ({sets})
