-- Purpose: which receipts and request ids of a batch were recorded before.
-- Parameters: parallel arrays: merchant, receipt number, request's owner (or null), request id (or null).
-- Locks: none.
-- Index: orders_receipt and kit_request primary keys.
SELECT i.n, r.kind, r.member_id, r.object_id, r.digest, q.digest, q.answer
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[]) WITH ORDINALITY AS i (merchant_id, number, owner_id, request_id, n)
LEFT JOIN LATERAL (
    SELECT * FROM orders_receipt k WHERE k.merchant_id = i.merchant_id AND k.number = i.number OFFSET 0) r ON true
LEFT JOIN LATERAL (
    SELECT * FROM kit_request k WHERE k.owner_id = i.owner_id AND k.request_id = i.request_id OFFSET 0) q ON true
WHERE r.object_id IS NOT NULL OR q.digest IS NOT NULL
