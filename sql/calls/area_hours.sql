-- Returns unit-hours by period, area and shift, of calls of callers and of on-view ones: block (from 0), area, shift, on_view, unit_hours.
-- Parameters: first, last (operational days), days (of a block), values of {conditions}. Identifiers: {level}, an area level.
SELECT
    (operational_day - $first::DATE) // $days AS block,
    {level} AS area,
    shift,
    on_view,
    sum(unit_hours) AS unit_hours
FROM unit_time
WHERE operational_day BETWEEN $first AND $last AND ({conditions})
GROUP BY ALL
