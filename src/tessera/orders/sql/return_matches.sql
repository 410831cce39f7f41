-- Purpose: to which lines of which purchases the pieces of a return belong.
-- Parameters: member, return.
-- Locks: none.
-- Index: orders_return_match, orders_return_line and catalog_product primary keys.
SELECT m.line_no, k.sku, k.name, m.quantity, 0, m.points, m.purchase_id, m.purchase_line_no
FROM orders_return_match m
JOIN orders_return_line l ON l.member_id = m.member_id AND l.return_id = m.return_id AND l.line_no = m.line_no
JOIN catalog_product k ON k.id = l.product_id
WHERE m.member_id = %s AND m.return_id = %s ORDER BY m.line_no, m.purchase_id DESC, m.purchase_line_no
