-- Purpose: how much of some wallets ends within a span of time that is given for each of them.
-- Parameters: three arrays of the same length: account ids, from (inclusive), until (exclusive).
-- Locks: none.
-- Index: ledger_lot primary key (account_id first), once for each wallet.
SELECT k.n, coalesce(s.points, 0)
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS k (account_id, begins, ends, n)
CROSS JOIN LATERAL (
    SELECT sum(l.remaining)::bigint AS points FROM ledger_lot l
    WHERE l.account_id = k.account_id AND l.remaining > 0 AND l.expires_at >= k.begins AND l.expires_at < k.ends) s
ORDER BY k.n
