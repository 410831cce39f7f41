-- Purpose: the lines of a return with the products' SKUs and names.
-- Parameters: member, return.
-- Locks: none.
-- Index: orders_return_line and catalog_product primary keys.
SELECT l.line_no, k.sku, k.name, l.quantity, l.unmatched_quantity, l.points
FROM orders_return_line l
JOIN catalog_product k ON k.id = l.product_id
WHERE l.member_id = %s AND l.return_id = %s ORDER BY l.line_no
