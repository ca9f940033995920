-- Makes table `spellings`: each text of a column of `merged` that is `spelled` in other capitals.
-- Parameters: none. Identifiers: column; used, a query of the spellings in use as `text`.
CREATE OR REPLACE TEMP TABLE spellings AS
WITH counted AS (
    SELECT text, bool_or(in_use) AS in_use, sum(incidents) AS incidents
    FROM (
        SELECT {column} AS text, false AS in_use, count(*) AS incidents FROM merged GROUP BY ALL
        UNION ALL
        SELECT text, true, 0 FROM ({used})
    )
    WHERE text IS NOT NULL
    GROUP BY text
)
SELECT
    text,
    first_value(text) OVER (
        PARTITION BY upper(text) ORDER BY in_use DESC, incidents DESC, text
    ) AS spelled
FROM counted
QUALIFY text <> spelled AND incidents > 0
