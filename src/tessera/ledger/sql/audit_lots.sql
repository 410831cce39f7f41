-- Purpose: check the lots of a range of accounts against what was moved, and against the balances.
-- Parameters: low (exclusive), high (inclusive).
-- Locks: none.
-- Index: ledger_lot and ledger_lot_move primary keys (account_id first); ledger_account_id.
WITH lot AS MATERIALIZED (
    SELECT l.account_id, l.transfer_id, l.part, l.amount, l.remaining FROM ledger_lot l
    WHERE l.account_id > %(low)s AND l.account_id <= %(high)s
), moved AS MATERIALIZED (
    SELECT m.account_id, m.lot_transfer_id, m.lot_part, sum(m.amount)::bigint AS amount FROM ledger_lot_move m
    WHERE m.account_id > %(low)s AND m.account_id <= %(high)s
    GROUP BY m.account_id, m.lot_transfer_id, m.lot_part
), kept AS MATERIALIZED (
    SELECT l.account_id, sum(l.remaining)::bigint AS amount FROM lot l GROUP BY l.account_id
), wallet AS MATERIALIZED (
    SELECT a.id, a.balance FROM ledger_account a
    JOIN ledger_unit u ON u.id = a.unit_id AND u.lotted
    WHERE a.id > %(low)s AND a.id <= %(high)s AND NOT a.may_go_below_zero AND a.purpose <> 'owed'
)
SELECT 'lot_wrong', coalesce(l.account_id, m.account_id), coalesce(l.transfer_id, m.lot_transfer_id),
       (coalesce(l.amount, 0) + coalesce(m.amount, 0))::bigint, l.remaining
FROM lot l
FULL JOIN moved m ON m.account_id = l.account_id AND m.lot_transfer_id = l.transfer_id AND m.lot_part = l.part
WHERE l.remaining IS DISTINCT FROM coalesce(l.amount, 0) + coalesce(m.amount, 0)
UNION ALL
SELECT 'lots_wrong', coalesce(w.id, k.account_id), NULL, coalesce(w.balance, 0), coalesce(k.amount, 0)
FROM wallet w
FULL JOIN kept k ON k.account_id = w.id
WHERE coalesce(w.balance, 0) <> coalesce(k.amount, 0)
