-- Returns one incident if it is of this day; rows are stored by time, so few blocks are read.
-- Parameters: id, day.
SELECT * FROM incidents WHERE operational_day = $day AND id = $id
