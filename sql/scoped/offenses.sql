-- Makes the offenses of a scoped snapshot, numbered again, with the number that they had.
-- Parameters: those of the rules. Identifiers: {seen}, {hidden}.
CREATE TEMP TABLE scoped_offenses AS
SELECT
    (row_number() OVER (ORDER BY offense_id) - 1)::INTEGER AS offense_id,
    offense_id AS before
FROM (
    SELECT DISTINCT offense_id
    FROM snapshot.main.incidents
    WHERE {seen} AND NOT {hidden} AND offense_id IS NOT NULL
)
