-- Returns the agency's own calls by keys: the keys, calls, on_view and canceled ones among them.
-- Parameters: values of {conditions}. Identifiers: {keys}, columns of `calls`.
SELECT
    {keys},
    count(*) AS calls,
    count(*) FILTER (WHERE on_view) AS on_view,
    count(*) FILTER (WHERE canceled) AS canceled
FROM calls
WHERE NOT coalesce(other_agency, false) AND NOT coalesce(duplicate, false) AND ({conditions})
GROUP BY {keys}
ORDER BY {keys}
