-- Areas of all levels that incidents have together.
-- Parameters: none.
SELECT DISTINCT district, beat, ward, area FROM incidents
