-- Every offense that occurs, with its groups: those of other schemes as scheme:group.
-- Parameters: none.
SELECT
    type,
    description,
    list_distinct(
        list_append(
            list(
                CASE
                    WHEN grouped.scheme = 'headline' THEN grouped."group"
                    ELSE grouped.scheme || ':' || grouped."group"
                END
            ) FILTER (WHERE grouped."group" IS NOT NULL),
            any_value(offenses."group")
        )
    ) AS groups
FROM offenses
LEFT JOIN offense_groups AS grouped USING (offense_id)
GROUP BY ALL
ORDER BY ALL
