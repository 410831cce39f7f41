-- Purpose: write one return: identity, return, lines, matches, request id, and what is left of the purchases.
-- Parameters: named, see actions/returns.py.
-- Locks: rows of the person's own purchases, under the lock of all his wallets here.
-- Index: primary keys.
WITH receipt AS (
    INSERT INTO orders_receipt (merchant_id, number, kind, member_id, object_id, digest)
    VALUES (%(merchant)s, %(number)s, 'return', %(member)s, %(id)s, %(digest)s)
), request AS (
    INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
    SELECT %(owner)s::uuid, %(request)s::text, %(request_digest)s::bytea, 201,
           uuid_send(%(member)s::uuid) || uuid_send(%(id)s::uuid), %(now)s
    WHERE %(request)s::text IS NOT NULL
), returned AS (
    INSERT INTO orders_return (member_id, id, merchant_id, receipt_number, occurred_at, recorded_at, points, source, actor)
    VALUES (%(member)s, %(id)s, %(merchant)s, %(number)s, %(occurred)s, %(now)s, %(points)s, %(source)s, %(actor)s)
), line AS (
    INSERT INTO orders_return_line (member_id, return_id, line_no, product_id, quantity, unmatched_quantity, points)
    SELECT %(member)s, %(id)s, i.* FROM unnest(%(l_no)s::int[], %(l_product)s::uuid[], %(l_quantity)s::int[],
                                               %(l_unmatched)s::int[], %(l_points)s::bigint[]) i
), match AS (
    INSERT INTO orders_return_match (member_id, return_id, line_no, purchase_id, purchase_line_no, quantity, points)
    SELECT %(member)s, %(id)s, i.* FROM unnest(%(m_no)s::int[], %(m_purchase)s::uuid[], %(m_line)s::int[],
                                               %(m_quantity)s::int[], %(m_points)s::bigint[]) i
), purchase AS (
    UPDATE orders_purchase p SET points_returned = p.points_returned + i.points
    FROM unnest(%(p_member)s::uuid[], %(p_id)s::uuid[], %(p_points)s::bigint[]) AS i (member_id, id, points)
    WHERE p.member_id = i.member_id AND p.id = i.id
)
UPDATE orders_purchase_line l SET returned_quantity = l.returned_quantity + i.quantity
FROM (SELECT m.member_id, m.purchase_id, m.line_no, sum(m.quantity)::int AS quantity
      FROM unnest(%(m_member)s::uuid[], %(m_purchase)s::uuid[], %(m_line)s::int[], %(m_quantity)s::int[])
          AS m (member_id, purchase_id, line_no, quantity)
      GROUP BY m.member_id, m.purchase_id, m.line_no) i
WHERE l.member_id = i.member_id AND l.purchase_id = i.purchase_id AND l.line_no = i.line_no
