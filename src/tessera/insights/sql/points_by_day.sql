-- Purpose: purchases, returns and points of one merchant by merchant-local day, days without any too.
-- Parameters: merchant, zone, since and until (moments), first_id (no id of the range is below), first_day, last_day.
-- Locks: none.
-- Index: orders_purchase_merchant and orders_return_merchant (merchant, id), from first_id on.
WITH bought AS (
    SELECT (p.occurred_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS purchases, sum(p.amount_minor) AS amount,
           sum(p.points) AS points
    FROM orders_purchase p
    WHERE p.merchant_id = %(merchant)s AND p.id >= %(first_id)s
      AND p.occurred_at >= %(since)s AND p.occurred_at < %(until)s
    GROUP BY 1
), back AS (
    SELECT (r.occurred_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS returns, sum(r.points) AS points
    FROM orders_return r
    WHERE r.merchant_id = %(merchant)s AND r.id >= %(first_id)s
      AND r.occurred_at >= %(since)s AND r.occurred_at < %(until)s
    GROUP BY 1
)
SELECT d.day::date, coalesce(b.purchases, 0), coalesce(b.amount, 0)::bigint, coalesce(b.points, 0)::bigint,
       coalesce(k.returns, 0), coalesce(k.points, 0)::bigint
FROM generate_series(%(first_day)s::date, %(last_day)s::date, interval '1 day') AS d (day)
LEFT JOIN bought b ON b.day = d.day::date
LEFT JOIN back k ON k.day = d.day::date
ORDER BY d.day
