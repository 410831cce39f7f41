-- Purpose: what came back of one purchase: returns in their order, with pieces and points taken from this purchase.
-- Parameters: named: members (all ids of the person), purchase.
-- Locks: none.
-- Index: orders_match_purchase (member, purchase).
SELECT m.return_id, sum(m.quantity)::bigint, sum(m.points)::bigint
FROM orders_return_match m
WHERE m.member_id = ANY (%(members)s::uuid[]) AND m.purchase_id = %(purchase)s
GROUP BY m.return_id ORDER BY m.return_id
