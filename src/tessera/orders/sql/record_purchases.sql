-- Purpose: write the purchases of a batch: identities, purchases, lines, request ids.
-- Parameters: arrays in four groups, see actions/purchases.py.
-- Locks: the new rows only.
-- Index: primary keys; a racer with the same receipt or request id ends in a unique violation, which is retried.
WITH receipt AS (
    INSERT INTO orders_receipt (merchant_id, number, kind, member_id, object_id, digest)
    SELECT i.merchant_id, i.number, 'purchase', i.member_id, i.id, i.digest
    FROM unnest(%(merchant)s::uuid[], %(number)s::text[], %(member)s::uuid[], %(id)s::uuid[], %(digest)s::bytea[])
        AS i (merchant_id, number, member_id, id, digest)
), request AS (
    INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
    SELECT i.owner_id, i.request_id, i.digest, 201, uuid_send(i.member_id) || uuid_send(i.id), %(now)s
    FROM unnest(%(owner)s::uuid[], %(request)s::text[], %(request_digest)s::bytea[], %(member)s::uuid[], %(id)s::uuid[])
        AS i (owner_id, request_id, digest, member_id, id)
    WHERE i.request_id IS NOT NULL
), purchase AS (
    INSERT INTO orders_purchase (member_id, id, merchant_id, store_id, receipt_number, occurred_at, recorded_at, currency,
                                 amount_minor, points, transfer_id, rules_revision, context, fired, source, actor)
    SELECT i.member_id, i.id, i.merchant_id, i.store_id, i.number, i.occurred_at, %(now)s, i.currency, i.amount_minor,
           i.points, i.transfer_id, i.revision, i.context::jsonb, i.fired::jsonb, i.source, i.actor
    FROM unnest(%(member)s::uuid[], %(id)s::uuid[], %(merchant)s::uuid[], %(store)s::uuid[], %(number)s::text[],
                %(occurred)s::timestamptz[], %(currency)s::text[], %(amount)s::bigint[], %(points)s::bigint[],
                %(transfer)s::uuid[], %(revision)s::int[], %(context)s::text[], %(fired)s::text[], %(source)s::text[],
                %(actor)s::text[])
        AS i (member_id, id, merchant_id, store_id, number, occurred_at, currency, amount_minor, points, transfer_id,
              revision, context, fired, source, actor)
)
INSERT INTO orders_purchase_line (member_id, purchase_id, line_no, product_id, quantity, amount_minor, points)
SELECT i.member_id, i.purchase_id, i.line_no, i.product_id, i.quantity, i.amount_minor, i.points
FROM unnest(%(l_member)s::uuid[], %(l_purchase)s::uuid[], %(l_no)s::int[], %(l_product)s::uuid[], %(l_quantity)s::int[],
            %(l_amount)s::bigint[], %(l_points)s::bigint[])
    AS i (member_id, purchase_id, line_no, product_id, quantity, amount_minor, points)
