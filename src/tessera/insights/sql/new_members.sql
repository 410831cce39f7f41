-- Purpose: how many members a merchant came to know from one moment on, and from a later one on.
-- Parameters: merchant, since, today.
-- Locks: none.
-- Index: merchants_customer primary key (merchant, person): reads the merchant's customers once.
SELECT count(*), count(*) FILTER (WHERE c.joined_at >= %(today)s)
FROM merchants_customer c
WHERE c.merchant_id = %(merchant)s AND c.joined_at >= %(since)s
