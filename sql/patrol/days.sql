-- Incidents by day: day, count.
-- Parameters: those of the conditions. Identifiers: {conditions}.
SELECT operational_day AS day, count(*)::BIGINT AS count
FROM incidents
WHERE operational_day IS NOT NULL AND {conditions}
GROUP BY operational_day
