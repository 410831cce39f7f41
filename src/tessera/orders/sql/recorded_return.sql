-- Purpose: the answer of a return that was recorded before.
-- Parameters: member, return.
-- Locks: none.
-- Index: primary keys.
SELECT r.receipt_number, r.points, k.sku, l.quantity, l.unmatched_quantity, l.points
FROM orders_return r
JOIN orders_return_line l ON l.member_id = r.member_id AND l.return_id = r.id
JOIN catalog_product k ON k.id = l.product_id
WHERE r.member_id = %s AND r.id = %s ORDER BY l.line_no
