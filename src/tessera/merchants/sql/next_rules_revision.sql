-- Purpose: count one publication of a merchant's rules; no row where the merchant is not known.
-- Parameters: merchant id.
-- Locks: the merchant's row, which a publication holds already (lock_merchant).
-- Index: merchants_merchant primary key.
UPDATE merchants_merchant SET rules_revision = rules_revision + 1 WHERE id = %s RETURNING rules_revision
