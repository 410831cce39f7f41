-- Purpose: the platform's figures since a moment: purchases and returns recorded, their points, registrations; and all
--   registered persons and approved merchants.
-- Parameters: since (moment). Ids begin with the moment of recording.
-- Locks: none.
-- Index: orders_purchase_merchant and orders_return_merchant (merchant, id), one look a merchant; persons are scanned.
WITH first AS (
    SELECT (lpad(to_hex((extract(epoch FROM %(since)s::timestamptz) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid AS id
)
SELECT coalesce(sum(bought.n), 0), coalesce(sum(bought.points), 0), coalesce(sum(back.points), 0),
       (SELECT count(*) FROM people_person WHERE registered_at >= %(since)s::timestamptz),
       (SELECT count(*) FROM people_person WHERE registered_at IS NOT NULL),
       (SELECT count(*) FROM merchants_approval)
FROM first CROSS JOIN merchants_merchant m
CROSS JOIN LATERAL (
    SELECT count(*) AS n, sum(p.points) AS points FROM orders_purchase p
    WHERE p.merchant_id = m.id AND p.id >= first.id OFFSET 0
) bought
CROSS JOIN LATERAL (
    SELECT sum(r.points) AS points FROM orders_return r
    WHERE r.merchant_id = m.id AND r.id >= first.id OFFSET 0
) back
