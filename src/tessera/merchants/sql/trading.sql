-- Purpose: the merchants of a batch: whether each may take part now, its rules' revision, time zone and currency.
-- Parameters: merchant ids.
-- Locks: none.
-- Index: merchants_merchant primary key, merchants_approval and open suspension by merchant.
SELECT m.id, m.rules_revision, m.time_zone, m.currency,
       EXISTS (SELECT FROM merchants_approval a WHERE a.merchant_id = m.id)
       AND NOT EXISTS (SELECT FROM merchants_suspension s WHERE s.merchant_id = m.id AND s.lifted_at IS NULL)
FROM merchants_merchant m WHERE m.id = ANY (%s::uuid[])
