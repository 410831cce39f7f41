-- Purpose: points that members hold of one merchant, by the merchant-local month with whose days they end.
-- Parameters: merchant, zone, now, until (a moment: the end of the last month asked for).
-- Locks: none.
-- Index: ledger_lot_expiring (expires_at) from now to until; ledger_account primary key for each lot's wallet.
SELECT date_trunc('month', (l.expires_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date AS month,
       sum(l.remaining)::bigint, count(DISTINCT l.owner_id)::bigint
FROM ledger_lot l
JOIN ledger_account a ON a.owner_id = l.owner_id AND a.id = l.account_id
WHERE l.remaining > 0 AND l.expires_at > %(now)s AND l.expires_at <= %(until)s AND a.unit_id = %(merchant)s
  AND l.active_from < '9999-01-01T00:00:00Z'
GROUP BY 1 ORDER BY 1
