-- Purpose: name request ids used twice by the owners from one to another; asked only when the unique key is gone.
-- Parameters: first and last owner (inclusive).
-- Locks: none.
-- Index: ledger_transfer primary key (owner_id first).
SELECT 'request_id_used_twice', NULL::uuid, (array_agg(t.id ORDER BY t.id DESC))[1], 1::bigint, count(*)
FROM ledger_transfer t WHERE t.owner_id >= %s AND t.owner_id <= %s
GROUP BY t.owner_id, t.request_id HAVING count(*) > 1
