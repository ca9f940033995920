-- Codes without an offense class, most incidents first.
-- Parameters: none.
SELECT
    offenses.code, arg_min(offenses.type, offenses.offense_id) AS type,
    arg_min(offenses.description, offenses.offense_id) AS description,
    count(*) AS incidents
FROM incidents
JOIN offenses USING (offense_id)
WHERE offenses.offense_class IS NULL
GROUP BY offenses.code
ORDER BY incidents DESC, offenses.code NULLS LAST
