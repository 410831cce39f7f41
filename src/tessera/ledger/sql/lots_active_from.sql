-- Purpose: an owner's lots, in all his wallets, that become active at one given moment and in which something is left.
-- Parameters: owner, the moment.
-- Locks: none; exact while the caller holds the accounts.
-- Index: ledger_account_once (owner_id first), ledger_lot primary key (account_id first).
SELECT a.owner_id, a.unit_id, l.account_id, l.transfer_id, l.part, l.remaining, l.earned_at, l.active_from, l.expires_at
FROM ledger_account a
CROSS JOIN LATERAL (
    SELECT o.* FROM ledger_lot o
    WHERE o.account_id = a.id AND o.remaining > 0 AND o.active_from = %s OFFSET 0) l
WHERE a.owner_id = %s AND a.purpose = 'wallet'
ORDER BY a.unit_id, l.transfer_id, l.part
