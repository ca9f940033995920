-- Makes table `losers`: rows of `incoming` beside the row of their id that wins, equal or differing.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE losers AS
SELECT
    lost.rowid AS loser,
    kept.rowid AS winner,
    lost.row_hash <> kept.row_hash AS differs
FROM incoming AS lost
JOIN incoming AS kept ON kept.id = lost.id
WHERE lost.rowid NOT IN (SELECT winner FROM winners) AND kept.rowid IN (SELECT winner FROM winners)
