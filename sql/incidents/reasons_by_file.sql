-- Returns numbers of files and their rows of `incoming` that have a reason to be refused.
-- Parameters: none.
SELECT _file, count(*) FROM incoming WHERE _reason IS NOT NULL GROUP BY _file
