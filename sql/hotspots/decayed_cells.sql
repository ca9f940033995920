-- Incidents by cell with time decay: column, row, number of incidents and harm (days), both halved for each half-life of age.
-- Parameters: $size (meters), $last (day of age 0), $half_life (days) and those of the conditions. Identifiers: {conditions}.
SELECT
    floor(x_m / $size)::BIGINT AS col,
    floor(y_m / $size)::BIGINT AS "row",
    sum(0.5 ** (greatest(date_diff('day', operational_day, $last), 0) / $half_life))::DOUBLE AS count,
    sum(
        coalesce(harm_days, 0)
        * 0.5 ** (greatest(date_diff('day', operational_day, $last), 0) / $half_life)
    )::DOUBLE AS harm
FROM incidents
WHERE point_id IS NOT NULL AND operational_day IS NOT NULL AND {conditions}
GROUP BY ALL
ORDER BY ALL
