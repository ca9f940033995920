-- Returns calls by weekday and hour, in order: calls that count, on_view and canceled ones and those without an area among them, and calls left out as other_agency and duplicate.
-- Parameters: values of {conditions}. Identifiers: {level}, an area level.
SELECT
    weekday,
    hour,
    count(*) FILTER (WHERE ours) AS calls,
    count(*) FILTER (WHERE ours AND on_view) AS on_view,
    count(*) FILTER (WHERE ours AND canceled) AS canceled,
    count(*) FILTER (WHERE ours AND {level} IS NULL) AS without_area,
    count(*) FILTER (WHERE other_agency) AS other_agency,
    count(*) FILTER (WHERE duplicate AND NOT coalesce(other_agency, false)) AS duplicate
FROM (
    SELECT *, NOT coalesce(other_agency, false) AND NOT coalesce(duplicate, false) AS ours
    FROM calls
    WHERE {conditions}
)
GROUP BY weekday, hour
ORDER BY weekday, hour
