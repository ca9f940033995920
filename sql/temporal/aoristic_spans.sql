-- Spans of incidents, summed by the hours of the week they start and end in; the last may be over 167.
-- Parameters: $day_start_s (seconds) and those of the conditions. Identifiers: {conditions}.
WITH spans AS (
    SELECT
        (epoch(occurred_from)::BIGINT - $day_start_s - 4 * 86400) % 604800 AS remainder_s,
        epoch(occurred_to)::BIGINT - epoch(occurred_from)::BIGINT AS length_s
    FROM incidents
    WHERE hour IS NOT NULL AND occurred_to > occurred_from AND {conditions}
),
placed AS (
    SELECT
        length_s,
        (remainder_s + 604800) % 604800 AS from_s,
        (remainder_s + 604800) % 604800 + length_s % 604800 AS to_s
    FROM spans
    WHERE length_s > 0
)
SELECT
    (from_s // 3600)::INTEGER AS first_hour,
    (to_s // 3600)::INTEGER AS last_hour,
    count(*)::BIGINT AS incidents,
    count(*) FILTER (WHERE length_s > 3600)::BIGINT AS over_an_hour,
    sum(length_s // 604800 * 3600 / length_s) AS each_hour,
    sum(3600 / length_s) AS whole,
    sum(from_s % 3600 / length_s) AS before,
    sum((3600 - to_s % 3600) / length_s) AS after
FROM placed
GROUP BY ALL
