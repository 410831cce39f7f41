-- Purpose: points of one merchant by merchant-local day of what happened: given, taken back for returns, spent, expired.
-- Parameters: merchant, zone, since and until (moments), first_id (no transfer of the range is below).
-- Locks: none.
-- Index: ledger_account_once; ledger_entry and ledger_transfer primary keys, from first_id on.
SELECT (t.occurred_at AT TIME ZONE %(zone)s)::date AS day,
       coalesce(sum(-n.amount) FILTER (WHERE n.amount < 0), 0)::bigint,
       coalesce(sum(n.amount) FILTER (WHERE n.amount > 0 AND t.kind = 'claw_back'), 0)::bigint,
       coalesce(sum(n.amount) FILTER (WHERE n.amount > 0 AND t.kind NOT IN ('claw_back', 'expiry')), 0)::bigint,
       coalesce(sum(n.amount) FILTER (WHERE n.amount > 0 AND t.kind = 'expiry'), 0)::bigint
FROM ledger_account a
JOIN ledger_entry n ON n.account_id = a.id AND n.transfer_id >= %(first_id)s
CROSS JOIN LATERAL (SELECT f.occurred_at, f.kind FROM ledger_transfer f WHERE f.id = n.transfer_id OFFSET 0) t
WHERE a.owner_id = %(merchant)s AND a.unit_id = %(merchant)s AND a.purpose IN ('issued', 'breakage')
  AND t.occurred_at >= %(since)s AND t.occurred_at < %(until)s
GROUP BY 1 ORDER BY 1
