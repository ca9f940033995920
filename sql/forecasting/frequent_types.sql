-- Crime types with the most incidents with a place before a day: type.
-- Parameters: $before, $limit and those of the conditions. Identifiers: {conditions}.
SELECT type
FROM incidents
WHERE point_id IS NOT NULL AND type IS NOT NULL AND operational_day < $before AND {conditions}
GROUP BY type
ORDER BY count(*) DESC, type
LIMIT $limit
