-- Purpose: post a run of transfers that only credit guarded accounts, all at once (no loop over transfers).
-- Parameters: transfers and resolved legs of the batch, the run's first and last number, the booking day, the moment.
-- Locks: guarded accounts are held by the caller; stripes of this connection's number, in account order.
-- Index: ledger_account primary key, ledger_stripe primary key; inserts into transfer, entry and lot.
CREATE OR REPLACE FUNCTION ledger_post_simple_v1(
    p_transfers ledger_transfer_in[], p_legs ledger_leg_in[], p_day date, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    my_stripe smallint := pg_backend_pid() % 16;
BEGIN
    INSERT INTO ledger_transfer (owner_id, id, kind, request_id, digest, amount, reference_kind, reference_id,
                                 rule_version, actor, reason, occurred_at, posted_at, booked_on, account_ids)
    SELECT t.owner_id, t.id, t.kind, t.request_id, t.digest, t.amount, t.reference_kind, t.reference_id,
           t.rule_version, t.actor, t.reason, t.occurred_at, p_now, p_day, g.account_ids
    FROM unnest(p_transfers) t
    JOIN (SELECT l.n, array_agg(l.account_id) AS account_ids FROM unnest(p_legs) l GROUP BY l.n) g ON g.n = t.n;

    INSERT INTO ledger_entry (account_id, transfer_id, owner_id, amount, balance_after, seq, booked_on)
    SELECT l.account_id, t.id, t.owner_id, l.amount,
           CASE WHEN l.guarded THEN a.balance + (sum(l.amount) OVER w)::bigint END,
           CASE WHEN l.guarded THEN a.entry_count + row_number() OVER w END,
           p_day
    FROM unnest(p_legs) l
    JOIN unnest(p_transfers) t ON t.n = l.n
    LEFT JOIN LATERAL (
        SELECT k.balance, k.entry_count FROM ledger_account k
        WHERE l.guarded AND k.owner_id = l.owner_id AND k.id = l.account_id OFFSET 0) a ON true
    WINDOW w AS (PARTITION BY l.account_id ORDER BY l.n);

    UPDATE ledger_account a
    SET balance = a.balance + s.amount, entry_count = a.entry_count + s.entries
    FROM (
        SELECT k.ctid AS place, g.amount, g.entries
        FROM (SELECT l.owner_id, l.account_id, sum(l.amount)::bigint AS amount, count(*) AS entries
              FROM unnest(p_legs) l WHERE l.guarded GROUP BY l.owner_id, l.account_id) g
        CROSS JOIN LATERAL (
            SELECT c.ctid FROM ledger_account c WHERE c.owner_id = g.owner_id AND c.id = g.account_id OFFSET 0) k
    ) s
    WHERE a.ctid = s.place;

    INSERT INTO ledger_stripe AS s (account_id, stripe, owner_id, balance, entry_count)
    SELECT l.account_id, my_stripe, l.owner_id, sum(l.amount)::bigint, count(*)
    FROM unnest(p_legs) l WHERE NOT l.guarded
    GROUP BY l.account_id, l.owner_id ORDER BY l.account_id
    ON CONFLICT (account_id, stripe, owner_id) DO UPDATE
        SET balance = s.balance + excluded.balance, entry_count = s.entry_count + excluded.entry_count;

    INSERT INTO ledger_lot (account_id, transfer_id, part, owner_id, funder_id, amount, remaining, cost_minor,
                            earned_at, active_from, expires_at)
    SELECT l.account_id, t.id, 1, l.owner_id, l.funder_id, l.amount, l.amount, coalesce(l.cost_minor, 0),
           coalesce(l.earned_at, t.occurred_at), coalesce(l.active_from, t.occurred_at), l.expires_at
    FROM unnest(p_legs) l
    JOIN unnest(p_transfers) t ON t.n = l.n
    WHERE l.lotted;
END $$;
