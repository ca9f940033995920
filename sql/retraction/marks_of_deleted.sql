-- As marks, of retracted incidents that the source deleted: they are in the quarantine, whole.
-- Parameters: reason, and those of the condition. Identifiers: {condition}.
WITH gone AS (
    SELECT
        value AS id,
        json_extract_string(record, '$.case_number') AS case_number,
        json_extract_string(record, '$.block') AS block,
        TRY_CAST(json_extract_string(record, '$.lat') AS DOUBLE) AS lat,
        TRY_CAST(json_extract_string(record, '$.lon') AS DOUBLE) AS lon
    FROM (
        SELECT value, TRY_CAST(raw AS JSON) AS record
        FROM snapshot.main.quarantine
        WHERE reason = $reason AND {condition}
    )
),
others AS (
    SELECT block, lat, lon FROM snapshot.main.incidents
    WHERE id NOT IN (SELECT id FROM retracted_ids)
)
SELECT
    id, case_number,
    CASE WHEN block NOT IN (SELECT DISTINCT block FROM others WHERE block IS NOT NULL) THEN block END
        AS block,
    CASE WHEN NOT shared THEN lat END AS lat,
    CASE WHEN NOT shared THEN lon END AS lon
FROM (
    SELECT *, (lat, lon) IN (SELECT (lat, lon) FROM others WHERE lat IS NOT NULL) AS shared FROM gone
)
