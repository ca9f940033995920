-- Writes the refused rows that are kept.
-- Parameters: those of the condition. Identifiers: {kept}.
CREATE TABLE scoped.main.quarantine AS SELECT * FROM snapshot.main.quarantine WHERE {kept}
