-- Purpose: every line of every purchase of a merchant, oldest recorded first; read row by row.
-- Parameters: merchant (named).
-- Locks: none.
-- Index: orders_purchase_merchant; orders_purchase_line, catalog_product and people_person primary keys.
SELECT u.receipt_number, u.id, u.occurred_at, s.number, u.member_id, p.phone, l.line_no, k.sku, k.name, l.quantity,
       l.amount_minor, u.currency, l.points, l.returned_quantity, u.amount_minor, u.points, u.points_returned
FROM orders_purchase u
JOIN people_person p ON p.id = u.member_id
JOIN orders_purchase_line l ON l.member_id = u.member_id AND l.purchase_id = u.id
JOIN catalog_product k ON k.id = l.product_id
LEFT JOIN merchants_store s ON s.id = u.store_id
WHERE u.merchant_id = %(merchant)s
ORDER BY u.id, l.line_no
