-- Returns samples of rows that share an id and differ: id, file and line of both, columns that differ.
-- Parameters: most; differences are texts, a column's name where its two values differ, else null.
SELECT
    lost.id,
    kept._file,
    kept._line,
    lost._file,
    lost._line,
    list_filter([{differences}], lambda name: name IS NOT NULL)
FROM losers
JOIN incoming AS lost ON lost.rowid = losers.loser
JOIN incoming AS kept ON kept.rowid = losers.winner
WHERE losers.differs
ORDER BY lost._file, lost._line
LIMIT $most
