-- Purpose: stores of a batch by merchant and number.
-- Parameters: parallel arrays: merchant, number.
-- Locks: none.
-- Index: merchants_store_number_once.
SELECT s.merchant_id, s.number, s.id
FROM unnest(%s::uuid[], %s::text[]) AS i (merchant_id, number)
JOIN merchants_store s ON s.merchant_id = i.merchant_id AND s.number = i.number AND s.closed_at IS NULL
