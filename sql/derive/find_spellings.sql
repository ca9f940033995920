-- Makes table `spellings`: each text of a column of `merged` that is `spelled` in other capitals.
-- Identifiers: column; used, a query of the spellings in use, or NULL.
CREATE OR REPLACE TEMP TABLE spellings AS
WITH counted AS (
    SELECT
        {column} AS text,
        coalesce({column} IN ({used}), false) AS in_use,
        count(*) AS incidents
    FROM merged
    WHERE {column} IS NOT NULL
    GROUP BY ALL
)
SELECT
    text,
    first_value(text) OVER (
        PARTITION BY upper(text) ORDER BY in_use DESC, incidents DESC, text
    ) AS spelled
FROM counted
QUALIFY text <> spelled
