-- Returns the median latitude and longitude of `merged`, null where no place is known.
-- Parameters: none.
SELECT median(lat), median(lon) FROM merged WHERE lat IS NOT NULL
