-- How many refused rows name a retracted incident.
-- Parameters: path, and those of the condition. Identifiers: {condition}.
SELECT count(*) FROM read_parquet($path) WHERE {condition}
