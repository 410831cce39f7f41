-- Purpose: work out the next part of a history: who bought when, with the ids and running balances that posting one by
--   one would have given.
-- Parameters: named: tag (tells one history from another), members, from and to (numbers of the purchases), began (moment), step (between two purchases).
-- Locks: none; a temporary table.
-- Index: none.
CREATE TEMPORARY TABLE fill_chunk ON COMMIT PRESERVE ROWS AS
SELECT i.n, w.person_id, w.number AS customer, w.account_id, w.issued_id, w.balance + 3 * i.round AS balance_after,
       w.entry_count + i.round AS seq, %(tag)s || i.n AS receipt,
       (i.stamp || '7' || substr(i.tail, 1, 3) || '8' || substr(i.tail, 4, 15))::uuid AS transfer_id,
       (i.stamp || '7' || substr(i.tail, 1, 3) || '9' || substr(i.tail, 4, 15))::uuid AS purchase_id,
       %(began)s::timestamptz + (i.n - 1) * %(step)s::interval AS bought_at
FROM (
    SELECT n, (n - 1) / %(members)s + 1 AS round,
           -- 7,919 is prime: neighbours in time are no neighbours in the tables, as in life
           ((n - 1) %% %(members)s * 7919) %% %(members)s AS place,
           lpad(to_hex((extract(epoch FROM %(began)s::timestamptz + (n - 1) * %(step)s::interval) * 1000)::bigint), 12, '0') AS stamp,
           substr(md5(%(tag)s || n), 1, 18) AS tail
    FROM generate_series(%(from)s::bigint, %(to)s::bigint) n
) i
JOIN fill_who w ON w.place = i.place
