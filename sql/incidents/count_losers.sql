-- Returns rows that lose against an equal one, and rows that lose against one of other content.
-- Parameters: none.
SELECT count(*) FILTER (WHERE NOT differs), count(*) FILTER (WHERE differs) FROM losers
