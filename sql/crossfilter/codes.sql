-- The codes of every incident, in the order they are stored.
-- Takes offenses, points and days (how many), first (day). Identifiers: words and joins of the values.
SELECT
    (
        coalesce(incidents.offense_id, $offenses) * 3
        + CASE WHEN arrest IS NULL THEN 2 WHEN arrest THEN 1 ELSE 0 END
    )::UINTEGER AS offense_arrest,
    coalesce(incidents.point_id, $points)::UINTEGER AS point,
    coalesce(operational_day - $first::DATE, $days)::UINTEGER AS day,
    (coalesce(weekday::INTEGER - 1, 7) * 25 + coalesce(hour::INTEGER, 24))::UINTEGER
        AS hour_weekday,
    (
        CASE WHEN domestic IS NULL THEN 8 WHEN domestic THEN 4 ELSE 0 END
        + CASE WHEN heaped_time THEN 2 ELSE 0 END
        + CASE WHEN default_address THEN 1 ELSE 0 END
    )::UINTEGER AS flags{words}
FROM incidents
{joins}
ORDER BY incidents.rowid
