-- Makes table `earlier`: stored records with an id of `incoming`: position in storage, id, updated, row_hash.
-- Parameters: none. Identifiers: hash, stored (a query of the stored records), table (incidents or calls).
CREATE OR REPLACE TEMP TABLE earlier AS
SELECT kept.position, kept.id, kept.updated, {hash} AS row_hash
FROM ({stored}) AS kept
WHERE kept.position IN (SELECT rowid FROM stored.{table} WHERE id IN (SELECT id FROM incoming))
