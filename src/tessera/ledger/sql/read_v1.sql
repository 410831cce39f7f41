-- Purpose: what a member looks at daily, in time that does not grow with the history.
-- Parameters: p_owner, p_unit (NULL: all), p_now; for pages: the row to go on behind, p_window (most rows looked at),
--   what to show, p_most (rows wanted). A row that does not match is left out, but for the last one looked at, which
--   says whether to go on behind it.
-- Locks: none.
-- Index: ledger_account_once; ledger_entry and ledger_lot primary keys, backwards; ledger_transfer primary key;
--   ledger_lot_open and ledger_lot_ending (lots still pending, past their end, ending next).
--   Sorting and bitmaps are off and each look asks for an order that only the right index has: a plan made while the
--   tables were small would else read a whole history for its last page.
CREATE OR REPLACE FUNCTION ledger_read_balances_v1(p_owner uuid, p_unit uuid, p_now timestamptz)
RETURNS TABLE (unit_id uuid, kind text, code text, exponent smallint, balance bigint, owed bigint, pending bigint,
               expired bigint, next_at timestamptz, next_amount bigint)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT a.unit_id, u.kind, u.code, u.exponent,
               (coalesce(sum(a.balance) FILTER (WHERE a.purpose <> 'owed'), 0))::bigint,
               (coalesce(sum(a.balance) FILTER (WHERE a.purpose = 'owed'), 0))::bigint,
               coalesce(sum(waits.amount), 0)::bigint, coalesce(sum(over.amount), 0)::bigint, min(next.expires_at),
               (array_agg(next.amount ORDER BY next.expires_at NULLS LAST))[1]::bigint
        FROM ledger_account a
        CROSS JOIN LATERAL (SELECT k.* FROM ledger_unit k WHERE k.id = a.unit_id OFFSET 0) u
        LEFT JOIN LATERAL (
            SELECT sum(o.remaining) AS amount FROM (
                SELECT l.remaining FROM ledger_lot l
                WHERE l.account_id = a.id AND l.remaining > 0 AND l.active_from > p_now
                  AND (l.expires_at IS NULL OR l.expires_at > p_now)
                ORDER BY l.active_from OFFSET 0) o) waits ON u.lotted
        LEFT JOIN LATERAL (
            SELECT sum(o.remaining) AS amount FROM (
                SELECT l.remaining FROM ledger_lot l
                WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at IS NOT NULL AND l.expires_at <= p_now
                ORDER BY l.expires_at OFFSET 0) o) over ON u.lotted
        LEFT JOIN LATERAL (
            SELECT l.expires_at FROM ledger_lot l
            WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at IS NOT NULL AND l.expires_at > p_now
            ORDER BY l.expires_at LIMIT 1) first ON u.lotted
        LEFT JOIN LATERAL (
            SELECT first.expires_at, sum(o.remaining) AS amount FROM (
                SELECT l.remaining FROM ledger_lot l
                WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at IS NOT NULL
                  AND l.expires_at >= first.expires_at AND l.expires_at <= first.expires_at
                ORDER BY l.expires_at OFFSET 0) o) next ON first.expires_at IS NOT NULL
        WHERE a.owner_id = p_owner AND (p_unit IS NULL OR a.unit_id = p_unit) AND NOT a.may_go_below_zero
        GROUP BY a.unit_id, u.kind, u.code, u.exponent
        ORDER BY u.code;
END $$;

CREATE OR REPLACE FUNCTION ledger_read_entries_v1(
    p_owner uuid, p_unit uuid, p_transfer uuid, p_account uuid, p_window integer, p_kinds text[], p_most integer
) RETURNS TABLE (
    transfer_id uuid, account_id uuid, owner_id uuid, amount bigint, balance_after bigint, seq bigint, booked_on date,
    unit_id uuid, purpose text, kind text, transfer_amount bigint, request_id text, reverses uuid, reference_kind text,
    reference_id uuid, rule_version text, reason text, actor text, occurred_at timestamptz, posted_at timestamptz,
    matches boolean, goes_on boolean
) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT f.transfer_id, f.account_id, f.owner_id, f.amount, f.balance_after, f.seq, f.booked_on, f.unit_id, f.purpose,
               f.kind, f.transfer_amount, f.request_id, f.reverses, f.reference_kind, f.reference_id, f.rule_version,
               f.reason, f.actor, f.occurred_at, f.posted_at, f.matches, f.place = f.found AND f.found = p_window
        FROM (
            SELECT w.*, t.*, p_kinds IS NULL OR t.kind = ANY (p_kinds) AS matches,
                   row_number() OVER (ORDER BY w.transfer_id DESC, w.account_id DESC) AS place, count(*) OVER () AS found
            FROM (
                SELECT e.*, a.unit_id, a.purpose
                FROM ledger_account a
                CROSS JOIN LATERAL (
                    SELECT n.* FROM ledger_entry n
                    WHERE n.account_id = a.id AND n.transfer_id <= p_transfer
                      AND (n.transfer_id, n.account_id) < (p_transfer, p_account)
                    ORDER BY n.transfer_id DESC LIMIT p_window) e
                WHERE a.owner_id = p_owner AND (p_unit IS NULL OR a.unit_id = p_unit)
                ORDER BY e.transfer_id DESC, e.account_id DESC LIMIT p_window
            ) w
            CROSS JOIN LATERAL (
                SELECT k.id, k.kind, k.amount AS transfer_amount, k.request_id, k.reverses, k.reference_kind,
                       k.reference_id, k.rule_version, k.reason, k.actor, k.occurred_at, k.posted_at
                FROM ledger_transfer k WHERE k.owner_id = w.owner_id AND k.id >= w.transfer_id
                ORDER BY k.id LIMIT 1) t
            WHERE t.id = w.transfer_id
        ) f
        WHERE f.matches OR f.place = f.found
        ORDER BY f.place LIMIT p_most;
END $$;

CREATE OR REPLACE FUNCTION ledger_read_lots_v1(
    p_owner uuid, p_unit uuid, p_transfer uuid, p_part smallint, p_window integer, p_spent boolean, p_most integer
) RETURNS TABLE (
    account_id uuid, transfer_id uuid, part smallint, owner_id uuid, funder_id uuid, amount bigint, remaining bigint,
    cost_minor bigint, earned_at timestamptz, active_from timestamptz, expires_at timestamptz, origin_transfer_id uuid,
    matches boolean, goes_on boolean
) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT f.account_id, f.transfer_id, f.part, f.owner_id, f.funder_id, f.amount, f.remaining, f.cost_minor,
               f.earned_at, f.active_from, f.expires_at, f.origin_transfer_id, f.matches,
               f.place = f.found AND f.found = p_window
        FROM (
            SELECT l.*, p_spent OR l.remaining > 0 AS matches,
                   row_number() OVER (ORDER BY l.transfer_id DESC, l.part DESC) AS place, count(*) OVER () AS found
            FROM ledger_account a
            CROSS JOIN LATERAL (
                SELECT n.* FROM ledger_lot n
                WHERE n.account_id = a.id AND (n.transfer_id, n.part) < (p_transfer, p_part)
                ORDER BY n.transfer_id DESC, n.part DESC LIMIT p_window) l
            WHERE a.owner_id = p_owner AND a.unit_id = p_unit AND a.purpose = 'wallet'
        ) f
        WHERE f.matches OR f.place = f.found
        ORDER BY f.place LIMIT p_most;
END $$;
