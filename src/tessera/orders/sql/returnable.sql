-- Purpose: lines to which a returned quantity belongs: the latest earlier ones of this member and product with pieces
--   left, or those of one purchase.
-- Parameters: members (all ids of the person), product, merchant, moment of the return, purchase or null, quantity asked.
-- Locks: none; the wallets of all these ids are held, and every return of the person holds them.
-- Index: orders_line_product (member, product, purchase), orders_purchase primary key.
SELECT r.purchase_id, r.line_no, r.left_over FROM (
    SELECT l.purchase_id, l.line_no, l.quantity - l.returned_quantity AS left_over,
           sum(l.quantity - l.returned_quantity)
               OVER (ORDER BY p.occurred_at DESC, l.purchase_id DESC, l.line_no DESC) - (l.quantity - l.returned_quantity)
               AS before
    FROM orders_purchase_line l
    JOIN orders_purchase p ON p.member_id = l.member_id AND p.id = l.purchase_id
    WHERE l.member_id = ANY (%(members)s::uuid[]) AND l.product_id = %(product)s AND l.returned_quantity < l.quantity
      AND p.merchant_id = %(merchant)s
      AND CASE WHEN %(purchase)s::uuid IS NULL THEN p.occurred_at <= %(occurred)s ELSE p.id = %(purchase)s::uuid END
) r
WHERE r.before < %(quantity)s
ORDER BY r.before
