-- Purpose: what reading a balance needs, so that its time does not grow with the history; terms before an activation.
-- Parameters: none; run by a migration.
-- Locks: the two tables, while they are changed.
-- Index: the lots of a wallet that are still pending, or past their end, are few and found at once.
CREATE INDEX ledger_lot_open ON ledger_lot (account_id, active_from) WHERE remaining > 0;
CREATE INDEX ledger_lot_ending ON ledger_lot (account_id, expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL;
ALTER TABLE ledger_lot_activation
    ADD COLUMN was_active_from timestamptz NOT NULL,
    ADD COLUMN was_expires_at timestamptz;
