-- Purpose: points that a merchant gave and took by booking day, latest day first, from the present day back.
-- Parameters: merchant, first_id (no transfer of the range is below), first_day.
-- Locks: none.
-- Index: ledger_account_once; ledger_entry primary key (account, transfer), from first_id on.
SELECT d.day::date, coalesce(e.given, 0)::bigint, coalesce(e.taken, 0)::bigint
FROM generate_series(%(first_day)s::date, (now() AT TIME ZONE 'UTC')::date + 1, interval '1 day') AS d (day)
LEFT JOIN (
    SELECT n.booked_on, sum(-n.amount) FILTER (WHERE n.amount < 0) AS given, sum(n.amount) FILTER (WHERE n.amount > 0) AS taken
    FROM ledger_account a
    JOIN ledger_entry n ON n.account_id = a.id AND n.transfer_id >= %(first_id)s
    WHERE a.owner_id = %(merchant)s AND a.unit_id = %(merchant)s AND a.purpose IN ('issued', 'breakage')
    GROUP BY n.booked_on
) e ON e.booked_on = d.day::date
ORDER BY d.day DESC
