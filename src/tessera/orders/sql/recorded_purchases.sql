-- Purpose: the answers of purchases that were recorded before.
-- Parameters: parallel arrays: member, purchase.
-- Locks: none.
-- Index: orders_purchase and orders_purchase_line primary keys.
SELECT p.id, p.member_id, p.receipt_number, p.points, p.transfer_id, p.rules_revision, p.amount_minor, p.currency,
       ARRAY (SELECT l.points FROM orders_purchase_line l
              WHERE l.member_id = p.member_id AND l.purchase_id = p.id ORDER BY l.line_no)
FROM unnest(%s::uuid[], %s::uuid[]) AS i (member_id, id)
CROSS JOIN LATERAL (SELECT * FROM orders_purchase k WHERE k.member_id = i.member_id AND k.id = i.id OFFSET 0) p
