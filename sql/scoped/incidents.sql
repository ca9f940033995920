-- Writes the incidents that a person may see, with places as exact as the rules allow, in their order.
-- Parameters: those of the rules. Identifiers: {columns}, {seen}, {hidden}, {coarseness}.
CREATE TABLE scoped.main.incidents AS
WITH shown AS (
    SELECT *, rowid AS place_in_snapshot, {coarseness} AS coarseness
    FROM snapshot.main.incidents
    WHERE {seen} AND NOT {hidden}
),
placed AS (
    SELECT
        shown.*,
        CASE coarseness WHEN 0 THEN shown.lat WHEN 1 THEN scoped_blocks.lat END AS shown_lat,
        CASE coarseness WHEN 0 THEN shown.lon WHEN 1 THEN scoped_blocks.lon END AS shown_lon
    FROM shown
    LEFT JOIN scoped_blocks ON scoped_blocks.block = shown.block
)
SELECT {columns}
FROM placed
LEFT JOIN scoped_offenses ON scoped_offenses.before = placed.offense_id
LEFT JOIN scoped.main.points AS points
    ON points.lat = placed.shown_lat AND points.lon = placed.shown_lon
ORDER BY place_in_snapshot
