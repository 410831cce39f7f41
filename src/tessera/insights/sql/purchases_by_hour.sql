-- Purpose: purchases of one merchant by hour of the merchant-local day, hours without any too.
-- Parameters: merchant, zone, since and until (moments), first_id (no id of the range is below).
-- Locks: none.
-- Index: orders_purchase_merchant (merchant, id), from first_id on.
SELECT h.hour, coalesce(b.purchases, 0), coalesce(b.amount, 0)::bigint, coalesce(b.points, 0)::bigint
FROM generate_series(0, 23) AS h (hour)
LEFT JOIN (
    SELECT extract(hour FROM p.occurred_at AT TIME ZONE %(zone)s)::int AS hour, count(*) AS purchases,
           sum(p.amount_minor) AS amount, sum(p.points) AS points
    FROM orders_purchase p
    WHERE p.merchant_id = %(merchant)s AND p.id >= %(first_id)s
      AND p.occurred_at >= %(since)s AND p.occurred_at < %(until)s
    GROUP BY 1
) b ON b.hour = h.hour
ORDER BY h.hour
