-- What only retracted incidents have: their ids and case numbers, and blocks and places of no other.
-- Parameters: none.
WITH gone AS (
    SELECT * FROM snapshot.main.incidents WHERE id IN (SELECT id FROM retracted_ids)
),
others AS (
    SELECT * FROM snapshot.main.incidents WHERE id NOT IN (SELECT id FROM retracted_ids)
)
SELECT
    id, case_number,
    CASE WHEN block NOT IN (SELECT DISTINCT block FROM others WHERE block IS NOT NULL) THEN block END
        AS block,
    CASE WHEN point_id NOT IN (SELECT DISTINCT point_id FROM others WHERE point_id IS NOT NULL) THEN lat END
        AS lat,
    CASE WHEN point_id NOT IN (SELECT DISTINCT point_id FROM others WHERE point_id IS NOT NULL) THEN lon END
        AS lon
FROM gone
