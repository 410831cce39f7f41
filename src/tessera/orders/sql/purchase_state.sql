-- Purpose: a purchase with all its lines, as the arithmetic of a return needs it.
-- Parameters: members (all ids of the person), purchase.
-- Locks: none; the member's wallet is held.
-- Index: primary keys of purchase, line, product; orders_line by purchase.
SELECT p.member_id, p.points, p.points_returned, p.transfer_id, p.rules_revision, p.context, p.store_id, p.occurred_at,
       (SELECT array_agg(ARRAY[l.line_no, l.quantity, l.returned_quantity, l.amount_minor] ORDER BY l.line_no)
        FROM orders_purchase_line l WHERE l.member_id = p.member_id AND l.purchase_id = p.id),
       (SELECT array_agg(l.product_id ORDER BY l.line_no)
        FROM orders_purchase_line l WHERE l.member_id = p.member_id AND l.purchase_id = p.id)
FROM orders_purchase p WHERE p.member_id = ANY (%s::uuid[]) AND p.id = %s
