-- Incidents, harm (days), squared harm and incidents with harm by day: in total (0), by group (1), type (2) and area (3).
-- Parameters: those of the conditions. Identifiers: {area}, {conditions}.
SELECT
    operational_day AS day,
    CASE grouping_id("group", type, {area}) WHEN 7 THEN 0 WHEN 3 THEN 1 WHEN 5 THEN 2 ELSE 3 END AS set_,
    coalesce(CASE grouping_id("group", type, {area}) WHEN 3 THEN "group" WHEN 5 THEN type WHEN 6 THEN {area} END, 'unknown')
        AS key,
    count(*)::BIGINT AS incidents,
    coalesce(sum(harm_days), 0)::BIGINT AS harm,
    coalesce(sum(harm_days::DOUBLE * harm_days), 0)::DOUBLE AS squares,
    count(harm_days)::BIGINT AS weighted
FROM incidents
WHERE operational_day IS NOT NULL AND {conditions}
GROUP BY GROUPING SETS ((operational_day), (operational_day, "group"), (operational_day, type), (operational_day, {area}))
