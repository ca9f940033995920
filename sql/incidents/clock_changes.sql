-- Returns accepted rows by the hour that a change of clocks leaves out (missing) or repeats.
-- Parameters: hours, a list of kind, start and stop in local time.
SELECT hours.kind, count(*)
FROM incoming
JOIN (SELECT unnest($hours, recursive := true)) AS hours
    ON {moment} >= hours.start AND {moment} < hours.stop
GROUP BY hours.kind
