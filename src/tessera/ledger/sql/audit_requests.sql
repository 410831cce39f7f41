-- Purpose: name request ids used twice in one history; asked only when the unique key is gone.
-- Parameters: none.
-- Locks: none.
-- Index: none can be relied on, the key that would serve is what is missing: one pass over all transfers.
SELECT 'request_id_used_twice', NULL::uuid, (array_agg(t.id ORDER BY t.id DESC))[1], 1::bigint, count(*)
FROM ledger_transfer t
GROUP BY t.owner_id, t.request_id HAVING count(*) > 1
