-- Returns calls and units sent by the state of their unit time, and whether an officer began the call.
-- Parameters: values of {conditions}.
SELECT
    unit_state AS state,
    coalesce(on_view, false) AS on_view,
    count(*) AS calls,
    sum(coalesce(units, 1)) AS units,
    sum(coalesce(units, 1) * unit_s) FILTER (WHERE unit_state = 'measured') / 3600 AS unit_hours
FROM calls
WHERE {conditions}
GROUP BY ALL
