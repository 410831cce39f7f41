-- Purpose: write a part of a made-up history into the ledger: transfers, entries of both sides, lots.
-- Parameters: named: merchant, actor, rule.
-- Locks: only rows it adds.
-- Index: none.
WITH transfer AS (
    INSERT INTO ledger_transfer (owner_id, id, kind, request_id, digest, amount, reference_kind, reference_id,
                                 rule_version, actor, reason, occurred_at, posted_at, booked_on, account_ids)
    SELECT f.person_id, f.transfer_id, 'accrual',
           'purchase:' || replace(%(merchant)s::text, '-', '') || ':' || f.receipt, sha256(f.receipt::bytea), 3,
           'purchase', f.purchase_id, %(rule)s, %(actor)s, '', f.bought_at, f.bought_at,
           (clock_timestamp() AT TIME ZONE 'UTC')::date, ARRAY[f.account_id, f.issued_id]
    FROM fill_chunk f
), entry AS (
    INSERT INTO ledger_entry (account_id, transfer_id, owner_id, amount, balance_after, seq, booked_on)
    SELECT x.account_id, f.transfer_id, x.owner_id, x.amount, x.balance_after, x.seq,
           (clock_timestamp() AT TIME ZONE 'UTC')::date
    FROM fill_chunk f
    CROSS JOIN LATERAL (VALUES
        (f.account_id, f.person_id, 3::bigint, f.balance_after, f.seq),
        (f.issued_id, f.person_id, -3::bigint, NULL::bigint, NULL::bigint)
    ) AS x (account_id, owner_id, amount, balance_after, seq)
)
INSERT INTO ledger_lot (account_id, transfer_id, part, owner_id, funder_id, amount, remaining, cost_minor,
                        earned_at, active_from, expires_at)
SELECT f.account_id, f.transfer_id, 1, f.person_id, %(merchant)s, 3, 3, 0, f.bought_at, f.bought_at, NULL
FROM fill_chunk f
