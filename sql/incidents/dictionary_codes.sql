-- Returns the offenses of the data with how they are read: type, code, fbi_code, description, group, harm_days, proactive, incidents.
-- Parameters: none.
SELECT type, code, fbi_code, description, "group", any_value(harm_days) AS harm_days,
    any_value(proactive) AS proactive, count(*) AS incidents
FROM incidents
GROUP BY type, code, fbi_code, description, "group"
ORDER BY incidents DESC, type, code, description
