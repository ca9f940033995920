-- Makes table `resent` of ids that the source deleted and then sent again.
-- Parameters: ids.
CREATE OR REPLACE TEMP TABLE resent AS
SELECT DISTINCT unnest($ids::VARCHAR[]) AS id
