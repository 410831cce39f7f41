-- Purpose: what a merchant's points stand at: the sum of each hot account's stripes.
-- Parameters: merchant (twice: owner and unit).
-- Locks: none.
-- Index: ledger_account_once; ledger_stripe primary key (account_id first).
SELECT a.purpose, coalesce(sum(s.balance), 0)::bigint
FROM ledger_account a
LEFT JOIN LATERAL (SELECT k.balance FROM ledger_stripe k WHERE k.account_id = a.id OFFSET 0) s ON true
WHERE a.owner_id = %s AND a.unit_id = %s AND a.may_go_below_zero
GROUP BY a.purpose
