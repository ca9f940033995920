-- Features of incidents as text, null where unknown, in the order in which they are stored.
-- Parameters: those of the conditions, cell_m (meters). Identifiers: {conditions}, {columns}.
SELECT
    {columns}
    type,
    location_type,
    hour::VARCHAR AS hour,
    weekday::VARCHAR AS weekday,
    season,
    floor(x_m / $cell_m)::INTEGER || '_' || floor(y_m / $cell_m)::INTEGER AS place,
    CASE WHEN arrest THEN 'yes' WHEN NOT arrest THEN 'no' END AS arrest,
    CASE WHEN domestic THEN 'yes' WHEN NOT domestic THEN 'no' END AS domestic,
    harm_days::VARCHAR AS harm
FROM incidents
WHERE {conditions}
