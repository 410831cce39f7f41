-- Purpose: check the entries of all guarded accounts of a range of ids; ranges cover every id, known or not.
-- Parameters: low (exclusive), high (inclusive).
-- Locks: none.
-- Index: ledger_entry primary key (account_id first); ledger_account_id; ledger_stripe primary key.
WITH entry AS MATERIALIZED (
    SELECT e.account_id, e.transfer_id, e.amount, e.balance_after, e.seq,
           lag(e.balance_after, 1, 0::bigint) OVER w AS before, lag(e.seq, 1, 0::bigint) OVER w AS seq_before
    FROM ledger_entry e WHERE e.account_id > %(low)s AND e.account_id <= %(high)s
    WINDOW w AS (PARTITION BY e.account_id ORDER BY e.seq, e.transfer_id)
), summed AS MATERIALIZED (
    SELECT e.account_id, sum(e.amount) AS amount, count(*) AS entries FROM entry e GROUP BY e.account_id
), account AS MATERIALIZED (
    SELECT a.id, a.may_go_below_zero, a.balance AS own, a.balance + coalesce(s.balance, 0) AS balance,
           a.entry_count + coalesce(s.entries, 0) AS entries
    FROM ledger_account a
    LEFT JOIN LATERAL (
        SELECT sum(k.balance) AS balance, sum(k.entry_count) AS entries FROM ledger_stripe k
        WHERE k.account_id = a.id OFFSET 0) s ON true
    WHERE a.id > %(low)s AND a.id <= %(high)s
)
SELECT 'entries', NULL::uuid, NULL::uuid, NULL::bigint, count(*) FROM entry
UNION ALL
SELECT 'sequence_broken', e.account_id, e.transfer_id, e.seq_before + 1, e.seq FROM entry e
WHERE e.seq IS DISTINCT FROM e.seq_before + 1
UNION ALL
SELECT 'running_balance_wrong', e.account_id, e.transfer_id, e.before + e.amount, e.balance_after FROM entry e
WHERE e.balance_after IS DISTINCT FROM e.before + e.amount
UNION ALL
SELECT 'balance_below_zero', e.account_id, e.transfer_id, 0, e.balance_after FROM entry e WHERE e.balance_after < 0
UNION ALL
SELECT 'account_below_zero', a.id, NULL, 0, a.own FROM account a WHERE a.own < 0 AND NOT a.may_go_below_zero
UNION ALL
SELECT 'account_unknown', s.account_id, NULL, 0, s.entries FROM summed s
WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = s.account_id)
UNION ALL
SELECT 'balance_wrong', a.id, NULL, coalesce(s.amount, 0)::bigint, a.balance::bigint
FROM account a LEFT JOIN summed s ON s.account_id = a.id WHERE a.balance <> coalesce(s.amount, 0)
UNION ALL
SELECT 'entry_count_wrong', a.id, NULL, coalesce(s.entries, 0), a.entries::bigint
FROM account a LEFT JOIN summed s ON s.account_id = a.id WHERE a.entries <> coalesce(s.entries, 0)
