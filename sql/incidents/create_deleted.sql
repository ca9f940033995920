-- Makes table `deleted` of ids that the source deleted.
-- Parameters: ids.
CREATE OR REPLACE TEMP TABLE deleted AS
SELECT DISTINCT unnest($ids::VARCHAR[]) AS id
