-- Number of selected incidents, and of those without a place, at default addresses, or without harm.
-- Parameters: those of the conditions. Identifiers: {conditions}, {kept}.
SELECT
    count(*)::BIGINT AS chosen,
    count_if(point_id IS NULL)::BIGINT AS without_place,
    count_if(point_id IS NOT NULL AND NOT ({kept}))::BIGINT AS at_default_addresses,
    count_if(point_id IS NOT NULL AND ({kept}) AND harm_days IS NULL)::BIGINT AS without_harm
FROM incidents
WHERE {conditions}
