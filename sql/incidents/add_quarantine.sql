-- Adds the rows refused now to the quarantine, unless the same row of a file so named is there.
-- Parameters: batch.
INSERT INTO quarantine
SELECT $batch, refused.*
FROM refused
WHERE
    NOT EXISTS (
        SELECT 1
        FROM quarantine
        WHERE
            quarantine.file = refused.file
            AND quarantine.line = refused.line
            AND quarantine.reason = refused.reason
            AND quarantine.raw = refused.raw
    )
