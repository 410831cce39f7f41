-- Purpose: what an owner has on each of his guarded accounts that is not empty.
-- Parameters: owner.
-- Locks: none; exact while the caller holds the accounts.
-- Index: ledger_account_once (owner_id first).
SELECT a.unit_id, a.purpose, a.balance, a.entry_count
FROM ledger_account a
WHERE a.owner_id = %s AND NOT a.may_go_below_zero AND a.balance > 0
ORDER BY a.unit_id, a.purpose
