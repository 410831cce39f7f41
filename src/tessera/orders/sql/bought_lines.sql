-- Purpose: the lines of a purchase with the products' SKUs and names.
-- Parameters: member, purchase.
-- Locks: none.
-- Index: orders_purchase_line and catalog_product primary keys.
SELECT l.line_no, l.product_id, k.sku, k.name, l.quantity, l.amount_minor, l.points, l.returned_quantity
FROM orders_purchase_line l
JOIN catalog_product k ON k.id = l.product_id
WHERE l.member_id = %s AND l.purchase_id = %s ORDER BY l.line_no
