-- Harm (days) of each offense, without a weight 0, in the order of offense_id.
-- Parameters: none.
SELECT coalesce(harm_days, 0)::BIGINT AS harm_days FROM offenses ORDER BY offense_id
