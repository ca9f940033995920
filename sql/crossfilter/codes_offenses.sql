-- Offenses in the order of their codes, and one more that stands for none.
-- Parameters: none.
SELECT type, description, "group", harm_days
FROM (
    SELECT offense_id, type, description, "group", coalesce(harm_days, 0)::BIGINT AS harm_days
    FROM offenses
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, 0
)
ORDER BY offense_id NULLS LAST
