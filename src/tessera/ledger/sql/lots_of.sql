-- Purpose: what is left in the lots of some transfers, on some accounts, that end before a moment.
-- Parameters: two arrays of the same length: account ids, transfer ids; the moment (exclusive).
-- Locks: none; exact while the caller holds the accounts.
-- Index: ledger_lot primary key (account_id, transfer_id), once for each pair.
SELECT a.owner_id, a.unit_id, l.account_id, l.transfer_id, l.part, l.remaining, l.earned_at, l.active_from, l.expires_at
FROM (SELECT DISTINCT u.account_id, u.transfer_id FROM unnest(%s::uuid[], %s::uuid[]) AS u (account_id, transfer_id)) k
CROSS JOIN LATERAL (
    SELECT o.* FROM ledger_lot o
    WHERE o.account_id = k.account_id AND o.transfer_id = k.transfer_id AND o.remaining > 0 AND o.expires_at < %s
    OFFSET 0) l
CROSS JOIN LATERAL (
    SELECT c.owner_id, c.unit_id FROM ledger_account c WHERE c.id = l.account_id OFFSET 0) a
ORDER BY l.account_id, l.transfer_id, l.expires_at, l.part
