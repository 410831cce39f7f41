-- Purpose: what a merchant sold most in a range of days, by pieces that were kept.
-- Parameters: merchant, since and until (moments), first_id (no id of the range is below), most.
-- Locks: none.
-- Index: orders_purchase_merchant (merchant, id) from first_id on; orders_purchase_line and catalog_product primary keys.
SELECT s.product_id, k.sku, k.name, s.quantity, s.returned, s.amount, s.points
FROM (
    SELECT l.product_id, sum(l.quantity)::bigint AS quantity, sum(l.returned_quantity)::bigint AS returned,
           sum(l.amount_minor)::bigint AS amount, sum(l.points)::bigint AS points
    FROM orders_purchase p
    JOIN orders_purchase_line l ON l.member_id = p.member_id AND l.purchase_id = p.id
    WHERE p.merchant_id = %(merchant)s AND p.id >= %(first_id)s
      AND p.occurred_at >= %(since)s AND p.occurred_at < %(until)s
    GROUP BY l.product_id
    ORDER BY sum(l.quantity - l.returned_quantity) DESC, l.product_id LIMIT %(most)s
) s
JOIN catalog_product k ON k.id = s.product_id
ORDER BY s.quantity - s.returned DESC, s.product_id
