-- Returns how many records have an id that is another's number written otherwise, and the first pair.
-- Parameters: none. Identifiers: records, the table in which the other one is looked for.
WITH odd AS (
    SELECT id, regexp_replace(regexp_replace(id, '\.0+$', ''), '^0+(\d)', '\1') AS plain
    FROM merged
    WHERE (prefix(id, '0') OR suffix(id, '0')) AND regexp_full_match(id, '0+\d+(\.0+)?|\d+\.0+')
),
pairs AS (
    SELECT odd.id AS written, known.id AS other
    FROM odd
    JOIN {records} AS known ON known.id = odd.plain
    UNION
    SELECT one.id, another.id
    FROM odd AS one
    JOIN odd AS another ON another.plain = one.plain AND another.id < one.id
)
SELECT count(DISTINCT written), min(written), arg_min(other, written) FROM pairs
