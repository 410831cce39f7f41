-- Purpose: a page of accounts with what they say of themselves, stripes included.
-- Parameters: the account to go on behind, most rows.
-- Locks: none.
-- Index: ledger_account_id; ledger_stripe primary key; ledger_unit primary key.
SELECT a.id, a.unit_id, a.may_go_below_zero, (a.balance + coalesce(s.balance, 0))::bigint,
       (a.entry_count + coalesce(s.entries, 0))::bigint
FROM (SELECT k.* FROM ledger_account k WHERE k.id > %s ORDER BY k.id LIMIT %s) a
LEFT JOIN LATERAL (
    SELECT sum(k.balance) AS balance, sum(k.entry_count) AS entries FROM ledger_stripe k
    WHERE k.account_id = a.id OFFSET 0) s ON true
ORDER BY a.id
