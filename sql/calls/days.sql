-- Returns the agency's own calls by operational day, in order: day, calls.
-- Takes no parameters.
SELECT operational_day AS day, count(*) AS calls
FROM calls
WHERE NOT coalesce(other_agency, false) AND NOT coalesce(duplicate, false)
GROUP BY day
ORDER BY day
