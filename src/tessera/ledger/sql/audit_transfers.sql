-- Purpose: check the next transfers: their entries are there, sum to zero per unit, and are undone once at most.
-- Parameters: id and owner to go on behind, most transfers.
-- Locks: none.
-- Index: ledger_transfer primary key and ledger_transfer_reversals; ledger_entry primary key; ledger_account_id.
WITH transfer AS MATERIALIZED (
    SELECT t.owner_id, t.id, t.reverses, t.booked_on, t.account_ids FROM ledger_transfer t
    WHERE (t.id, t.owner_id) > (%(transfer)s, %(owner)s) ORDER BY t.id, t.owner_id LIMIT %(most)s
), leg AS MATERIALIZED (
    SELECT t.owner_id, t.id, x.account_id, e.amount, a.unit_id, e.booked_on <> t.booked_on AS misdated,
           bool_and(e.amount IS NOT NULL AND a.unit_id IS NOT NULL) OVER (PARTITION BY t.owner_id, t.id) AS whole
    FROM transfer t
    CROSS JOIN LATERAL unnest(t.account_ids) AS x (account_id)
    LEFT JOIN LATERAL (
        SELECT k.amount, k.booked_on FROM ledger_entry k
        WHERE k.account_id = x.account_id AND k.transfer_id = t.id AND k.owner_id = t.owner_id OFFSET 0) e ON true
    LEFT JOIN LATERAL (SELECT k.unit_id FROM ledger_account k WHERE k.id = x.account_id OFFSET 0) a ON true
), undone AS MATERIALIZED (
    SELECT t.owner_id, t.reverses AS id, o.amount, o.found, o.twice, s.amount AS reversed, s.first = t.id AS first
    FROM transfer t
    LEFT JOIN LATERAL (
        SELECT k.amount, true AS found, k.reverses IS NOT NULL AS twice FROM ledger_transfer k
        WHERE k.owner_id = t.owner_id AND k.id = t.reverses OFFSET 0) o ON true
    CROSS JOIN LATERAL (
        SELECT sum(k.amount)::bigint AS amount, (array_agg(k.id ORDER BY k.id))[1] AS first FROM ledger_transfer k
        WHERE k.owner_id = t.owner_id AND k.reverses = t.reverses OFFSET 0) s
    WHERE t.reverses IS NOT NULL
)
SELECT 'transfers' AS kind, (SELECT t.owner_id FROM transfer t ORDER BY t.id DESC, t.owner_id DESC LIMIT 1) AS account_id,
       (SELECT t.id FROM transfer t ORDER BY t.id DESC, t.owner_id DESC LIMIT 1) AS transfer_id,
       (SELECT count(*) FROM transfer) AS expected, (SELECT count(l.amount) FROM leg l) AS found,
       (SELECT array_agg(DISTINCT t.booked_on) FROM transfer t) AS days
UNION ALL
SELECT 'transfer_not_zero', NULL, l.id, 0, sum(l.amount)::bigint, NULL FROM leg l WHERE l.whole
GROUP BY l.owner_id, l.id, l.unit_id HAVING sum(l.amount) <> 0
UNION ALL
SELECT 'entry_missing', l.account_id, l.id, 1, 0, NULL FROM leg l WHERE l.amount IS NULL
UNION ALL
SELECT 'entry_misdated', l.account_id, l.id, NULL, NULL, NULL FROM leg l WHERE l.misdated
UNION ALL
SELECT 'entry_named_twice', l.account_id, l.id, 1, count(*), NULL FROM leg l
GROUP BY l.owner_id, l.id, l.account_id HAVING count(*) > 1
UNION ALL
SELECT 'reversal_of_nothing', NULL, u.id, 1, 0, NULL FROM undone u WHERE u.found IS NULL AND u.first
UNION ALL
SELECT 'reversal_of_reversal', NULL, u.id, 0, 1, NULL FROM undone u WHERE u.twice AND u.first
UNION ALL
SELECT 'reversed_too_much', NULL, u.id, u.amount, u.reversed, NULL FROM undone u WHERE u.reversed > u.amount AND u.first
