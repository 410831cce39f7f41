-- Purpose: lots in which something is left and whose end lies in a span of time, in the order of their ends.
-- Parameters: from (inclusive), until (exclusive); the last lot seen (end, account, transfer, part); at most so many.
-- Locks: none.
-- Index: ledger_lot_expiring (expires_at) where something is left; ledger_account_id, once for each lot.
SELECT a.owner_id, a.unit_id, l.account_id, l.transfer_id, l.part, l.remaining, l.earned_at, l.active_from, l.expires_at
FROM (
    SELECT o.* FROM ledger_lot o
    WHERE o.remaining > 0 AND o.expires_at >= %s AND o.expires_at < %s
      AND (o.expires_at, o.account_id, o.transfer_id, o.part) > (%s, %s, %s, %s)
    ORDER BY o.expires_at, o.account_id, o.transfer_id, o.part
    LIMIT %s) l
CROSS JOIN LATERAL (
    SELECT k.owner_id, k.unit_id FROM ledger_account k WHERE k.id = l.account_id AND k.purpose = 'wallet' OFFSET 0) a
ORDER BY l.expires_at, l.account_id, l.transfer_id, l.part
