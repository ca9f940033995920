-- How many refused rows of a snapshot meet a condition.
-- Parameters: those of the condition. Identifiers: {condition}.
SELECT count(*) FROM snapshot.main.quarantine WHERE {condition}
