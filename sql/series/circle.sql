-- How many incidents a selection has, and how many of them are of a series: one row.
-- Parameters: $ids and those of the conditions. Identifiers: {conditions}.
SELECT
    count(*)::BIGINT AS incidents,
    count(*) FILTER (WHERE id IN (SELECT unnest($ids)))::BIGINT AS of_series
FROM incidents
WHERE {conditions}
