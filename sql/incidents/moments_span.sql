-- Returns the first and last time of the accepted rows; null without any.
-- Parameters: none.
SELECT min({moment}), max({moment}) FROM incoming
