-- Purpose: write the purchases of a part of a made-up history: receipts, purchases, lines, request ids. What they say
--   about rules is copied from a purchase that was recorded through the door.
-- Parameters: named: merchant, actor, key (owner of the request ids), like (a recorded purchase), product.
-- Locks: only rows it adds.
-- Index: orders_purchase_merchant, for the purchase that is copied.
WITH recorded AS MATERIALIZED (
    SELECT * FROM orders_purchase p WHERE p.merchant_id = %(merchant)s AND p.id = %(like)s
), receipt AS (
    INSERT INTO orders_receipt (merchant_id, number, kind, member_id, object_id, digest)
    SELECT %(merchant)s, f.receipt, 'purchase', f.person_id, f.purchase_id, sha256(f.receipt::bytea) FROM fill_chunk f
), request AS (
    INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
    SELECT %(key)s, f.receipt, sha256(f.receipt::bytea), 201, uuid_send(f.person_id) || uuid_send(f.purchase_id),
           f.bought_at
    FROM fill_chunk f
), purchase AS (
    INSERT INTO orders_purchase (member_id, id, merchant_id, store_id, receipt_number, occurred_at, recorded_at, currency,
                                 amount_minor, points, transfer_id, rules_revision, context, fired, source, actor)
    SELECT f.person_id, f.purchase_id, %(merchant)s, NULL, f.receipt, f.bought_at, f.bought_at, r.currency, 2500, 3,
           f.transfer_id, r.rules_revision, r.context, r.fired, 'api', %(actor)s
    FROM fill_chunk f CROSS JOIN recorded r
)
INSERT INTO orders_purchase_line (member_id, purchase_id, line_no, product_id, quantity, amount_minor, points)
SELECT f.person_id, f.purchase_id, 1, %(product)s, 2, 2500, 3 FROM fill_chunk f
