-- Counts of what the data lacks, one row: incidents, no_place, default_address, no_hour, heaped_time, no_area,
-- no_harm, proactive_unknown, found (by police activity).
-- Identifiers: {area}.
SELECT
    count(*)::BIGINT AS incidents,
    count(*) FILTER (WHERE x_m IS NULL)::BIGINT AS no_place,
    count(*) FILTER (WHERE default_address)::BIGINT AS default_address,
    count(*) FILTER (WHERE hour IS NULL)::BIGINT AS no_hour,
    count(*) FILTER (WHERE heaped_time)::BIGINT AS heaped_time,
    count(*) FILTER (WHERE {area} IS NULL)::BIGINT AS no_area,
    count(*) FILTER (WHERE harm_days IS NULL)::BIGINT AS no_harm,
    count(*) FILTER (WHERE proactive IS NULL)::BIGINT AS proactive_unknown,
    count(*) FILTER (WHERE proactive)::BIGINT AS found
FROM incidents
