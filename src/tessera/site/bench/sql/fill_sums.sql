-- Purpose: bring the accounts to where the made-up history has left them.
-- Parameters: named: merchant, purchases, members.
-- Locks: the members' accounts and one stripe of the merchant's.
-- Index: ledger_account primary key.
WITH stripe AS (
    INSERT INTO ledger_stripe AS s (account_id, stripe, owner_id, balance, entry_count)
    SELECT DISTINCT w.issued_id, 0, %(merchant)s::uuid, -3 * %(purchases)s::bigint, %(purchases)s::bigint FROM fill_who w
    ON CONFLICT (account_id, stripe, owner_id) DO UPDATE
        SET balance = s.balance + excluded.balance, entry_count = s.entry_count + excluded.entry_count
)
UPDATE ledger_account a SET balance = a.balance + 3 * r.rounds, entry_count = a.entry_count + r.rounds
FROM fill_who w
JOIN (
    SELECT ((n * 7919) %% %(members)s) AS place,
           %(purchases)s::bigint / %(members)s + (n < %(purchases)s::bigint %% %(members)s)::int AS rounds
    FROM generate_series(0, %(members)s::bigint - 1) n
) r ON r.place = w.place
WHERE a.owner_id = w.person_id AND a.id = w.account_id
