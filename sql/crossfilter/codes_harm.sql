-- Harm (days) of each offence, without a weight 0, in the order of offence_id.
-- Parameters: none.
SELECT coalesce(harm_days, 0)::BIGINT AS harm_days FROM offences ORDER BY offence_id
