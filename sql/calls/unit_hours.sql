-- Returns unit-hours of calls of callers by period and keys: block (from 0), the keys, unit_hours.
-- Parameters: first, last (operational days), days (of a block), values of {conditions}. Identifiers: {keys}, each with a comma.
SELECT
    (operational_day - $first::DATE) // $days AS block,
    {keys}
    sum(unit_hours) AS unit_hours
FROM unit_time
WHERE
    operational_day BETWEEN $first AND $last
    AND NOT coalesce(on_view, false)
    AND ({conditions})
GROUP BY ALL
