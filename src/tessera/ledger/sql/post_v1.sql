-- Purpose: post(transfers) -> outcomes (of those that were not simply posted), the only way a balance changes (spec/ledger.md, Posting).
-- Parameters: p_now; t_*: one element a transfer, in order; l_*: one element a leg, l_n names its transfer (from 1).
--   A reversal has no legs: t_reverses and t_amount (NULL: all that is left) say what is undone.
-- Locks: 1. missing accounts are inserted, in order; 2. guarded accounts FOR NO KEY UPDATE ordered by (owner_id, id);
--   3. reversed transfers; 4. stripes of this connection. Hot accounts are never locked for longer than their stripe.
-- Index: ledger_account_once, ledger_transfer unique (owner_id, request_id), primary keys.
--   Every look into a large table is LATERAL ... OFFSET 0 with seqscan off: a plan made while the table was small
--   (or without statistics) must not turn a batch into a scan of the whole ledger.
CREATE OR REPLACE FUNCTION ledger_touched_by_reversals_v1(p_transfers ledger_transfer_in[], p_now timestamptz)
RETURNS TABLE (owner_id uuid, account_id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    -- Claw-backs may end in a debt: its two accounts exist before anything is locked.
    PERFORM ledger_open_accounts_v1(array_agg(o.owner_id), array_agg(o.owner_kind), array_agg(o.unit_id),
                                    array_agg(o.purpose), array_agg(o.below), p_now)
    FROM (
        SELECT x.owner_id, x.owner_kind, u.id AS unit_id, x.purpose, x.below
        FROM ledger_reversed_wallets_v1(p_transfers) w
        JOIN ledger_unit u ON u.id = w.unit_id
        CROSS JOIN LATERAL (VALUES (w.owner_id, 'member', 'owed', false), (u.issuer_id, 'merchant', 'receivable', true))
            AS x (owner_id, owner_kind, purpose, below)
        WHERE w.shortfall = 'owe' AND u.issuer_id IS NOT NULL
    ) o
    HAVING count(*) > 0;
    RETURN QUERY
        SELECT x.owner_id, x.id
        FROM ledger_reversed_wallets_v1(p_transfers) w
        CROSS JOIN LATERAL (
            SELECT a.owner_id, a.id FROM ledger_account a
            WHERE a.owner_id = w.owner_id AND a.unit_id = w.unit_id AND a.purpose IN (w.purpose, 'owed')
              AND NOT a.may_go_below_zero OFFSET 0) x;
END $$;

CREATE OR REPLACE FUNCTION ledger_reversed_wallets_v1(p_transfers ledger_transfer_in[])
RETURNS TABLE (owner_id uuid, unit_id uuid, purpose text, shortfall text) LANGUAGE sql STABLE AS $$
    -- The accounts of the reversed transfers, and those to which their lots went when a customer number was joined.
    SELECT a.owner_id, a.unit_id, a.purpose, t.shortfall
    FROM unnest(p_transfers) t
    CROSS JOIN LATERAL (
        SELECT unnest(r.account_ids) AS id FROM ledger_transfer r WHERE r.owner_id = t.owner_id AND r.id = t.reverses
        UNION
        SELECT l.account_id FROM ledger_lot l WHERE l.origin_transfer_id = t.reverses
        OFFSET 0) touched
    CROSS JOIN LATERAL (SELECT * FROM ledger_account c WHERE c.id = touched.id OFFSET 0) a
    WHERE t.reverses IS NOT NULL AND NOT a.may_go_below_zero AND a.purpose <> 'owed';
$$;

CREATE OR REPLACE FUNCTION ledger_resolve_legs_v1(
    l_n integer[], l_owner uuid[], l_owner_kind text[], l_unit uuid[], l_purpose text[], l_amount bigint[],
    l_funder uuid[], l_cost bigint[], l_earned timestamptz[], l_active timestamptz[], l_expires timestamptz[]
) RETURNS ledger_leg_in[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY (
        SELECT ROW(x.n, a.id, x.owner_id, x.owner_kind, x.unit_id, NOT a.may_go_below_zero,
                   u.lotted AND NOT a.may_go_below_zero AND a.purpose <> 'owed',
                   x.amount, x.funder, x.cost, x.earned, x.active, x.expires)::ledger_leg_in
        FROM unnest(l_n, l_owner, l_owner_kind, l_unit, l_purpose, l_amount, l_funder, l_cost, l_earned, l_active, l_expires)
            AS x (n, owner_id, owner_kind, unit_id, purpose, amount, funder, cost, earned, active, expires)
        CROSS JOIN LATERAL (
            SELECT k.id, k.may_go_below_zero, k.purpose FROM ledger_account k
            WHERE k.owner_id = x.owner_id AND k.unit_id = x.unit_id AND k.purpose = x.purpose OFFSET 0) a
        CROSS JOIN LATERAL (SELECT v.lotted FROM ledger_unit v WHERE v.id = x.unit_id OFFSET 0) u);
END $$;

CREATE OR REPLACE FUNCTION ledger_post_v1(
    p_now timestamptz,
    t_id uuid[], t_owner uuid[], t_kind text[], t_request text[], t_digest bytea[], t_amount bigint[],
    t_reverses uuid[], t_shortfall text[], t_lot uuid[], t_reopen timestamptz[], t_reference_kind text[],
    t_reference uuid[], t_rule text[], t_actor text[], t_reason text[], t_occurred timestamptz[],
    l_n integer[], l_owner uuid[], l_owner_kind text[], l_unit uuid[], l_purpose text[], l_below boolean[],
    l_amount bigint[], l_funder uuid[], l_cost bigint[], l_earned timestamptz[], l_active timestamptz[],
    l_expires timestamptz[]
) RETURNS TABLE (n integer, status text, transfer_id uuid, refusal jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    transfers ledger_transfer_in[];
    legs ledger_leg_in[];
    waiting ledger_transfer_in[];
    one record;
    held record;
    owing boolean := false;
    closed uuid[] := '{}';
    simple boolean[];
    refusals jsonb[] := array_fill(NULL::jsonb, ARRAY[cardinality(t_id)]);
    known uuid[];
    day date := greatest((clock_timestamp() AT TIME ZONE 'UTC')::date, (SELECT max(d.day) + 1 FROM ledger_day_digest d));
    i integer := 1;
    j integer;
BEGIN
    IF EXISTS (SELECT FROM unnest(l_n, l_unit, l_amount) AS x (n, unit_id, amount)
               GROUP BY x.n, x.unit_id
               HAVING sum(x.amount) <> 0 OR x.n IS NULL OR x.n NOT BETWEEN 1 AND cardinality(t_id)) THEN
        RAISE EXCEPTION 'entries belong to a transfer and sum to zero in it per unit' USING ERRCODE = 'check_violation';
    END IF;
    transfers := ARRAY (
        SELECT ROW(x.*)::ledger_transfer_in FROM (
            SELECT y.n::integer, y.id, y.owner_id, y.kind, y.request_id, y.digest, y.amount, y.reverses, y.shortfall, y.lot,
                   y.reopen, y.reference_kind, y.reference, y.rule, y.actor, y.reason, y.occurred
            FROM unnest(t_id, t_owner, t_kind, t_request, t_digest, t_amount, t_reverses, t_shortfall, t_lot, t_reopen,
                        t_reference_kind, t_reference, t_rule, t_actor, t_reason, t_occurred) WITH ORDINALITY
                AS y (id, owner_id, kind, request_id, digest, amount, reverses, shortfall, lot, reopen,
                      reference_kind, reference, rule, actor, reason, occurred, n)
        ) x ORDER BY x.n);
    legs := ledger_resolve_legs_v1(l_n, l_owner, l_owner_kind, l_unit, l_purpose, l_amount,
                                   l_funder, l_cost, l_earned, l_active, l_expires);
    IF cardinality(legs) < cardinality(l_n) THEN
        PERFORM ledger_open_accounts_v1(l_owner, l_owner_kind, l_unit, l_purpose, l_below, p_now);
        legs := ledger_resolve_legs_v1(l_n, l_owner, l_owner_kind, l_unit, l_purpose, l_amount,
                                       l_funder, l_cost, l_earned, l_active, l_expires);
    END IF;
    IF cardinality(legs) <> cardinality(l_n) THEN
        RAISE EXCEPTION 'a leg names a unit that is not open' USING ERRCODE = 'foreign_key_violation';
    END IF;

    FOR held IN
        SELECT x.id, x.purpose, x.balance, x.closed_at FROM (
            SELECT DISTINCT k.owner_id, k.account_id FROM (
                SELECT l.owner_id, l.account_id FROM unnest(legs) l WHERE l.guarded
                UNION ALL
                SELECT o.owner_id, o.id FROM unnest(legs) l
                CROSS JOIN LATERAL (
                    SELECT a.owner_id, a.id FROM ledger_account a
                    WHERE a.owner_id = l.owner_id AND a.unit_id = l.unit_id AND a.purpose = 'owed' OFFSET 0) o
                WHERE l.lotted
                UNION ALL
                SELECT r.owner_id, r.account_id FROM ledger_touched_by_reversals_v1(
                    ARRAY (SELECT t FROM unnest(transfers) t WHERE t.reverses IS NOT NULL), p_now) r
                WHERE t_reverses <> array_fill(NULL::uuid, ARRAY[cardinality(t_id)])
            ) k ORDER BY k.owner_id, k.account_id
        ) d
        CROSS JOIN LATERAL (
            SELECT a.* FROM ledger_account a WHERE a.owner_id = d.owner_id AND a.id = d.account_id
            FOR NO KEY UPDATE) x
    LOOP
        owing := owing OR held.purpose = 'owed' AND held.balance > 0;
        IF held.closed_at IS NOT NULL THEN
            closed := closed || held.id;
        END IF;
    END LOOP;

    -- Asked under the locks: a racer that came first has committed by now, or fails on the unique request id.
    known := array_fill(NULL::uuid, ARRAY[cardinality(t_id)]);
    FOR one IN
        SELECT x.n, k.id, k.digest = x.digest AS same
        FROM unnest(transfers) x
        CROSS JOIN LATERAL (
            SELECT r.id, r.digest FROM ledger_transfer r
            WHERE r.owner_id = x.owner_id AND r.request_id = x.request_id OFFSET 0) k
    LOOP
        known[one.n] := one.id;
        refusals[one.n] := CASE WHEN NOT one.same
            THEN jsonb_build_object('code', 'id_reused', 'request_id', t_request[one.n]) END;
    END LOOP;
    IF cardinality(closed) > 0 THEN
        FOR one IN SELECT DISTINCT l.n FROM unnest(legs) l WHERE l.account_id = ANY (closed) AND known[l.n] IS NULL LOOP
            refusals[one.n] := jsonb_build_object('code', 'account_closed');
        END LOOP;
    END IF;

    SELECT array_agg(t.reverses IS NULL AND t.lot_transfer_id IS NULL AND NOT EXISTS (
                         SELECT FROM unnest(legs) l WHERE l.n = t.n AND l.guarded AND l.amount < 0) ORDER BY t.n)
    INTO simple FROM unnest(transfers) t;
    WHILE i <= cardinality(transfers) LOOP
        j := i;
        IF simple[i] THEN
            WHILE j < cardinality(transfers) AND simple[j + 1] LOOP
                j := j + 1;
            END LOOP;
            waiting := ARRAY (SELECT t FROM unnest(transfers[i:j]) t
                              WHERE known[t.n] IS NULL AND refusals[t.n] IS NULL ORDER BY t.n);
            IF cardinality(waiting) > 0 THEN
                PERFORM ledger_post_run_v1(waiting, legs, owing, day, p_now);
            END IF;
        ELSIF known[i] IS NULL AND refusals[i] IS NULL THEN
            refusals[i] := ledger_post_one_v1(transfers[i], ARRAY (SELECT l FROM unnest(legs) l WHERE l.n = i), day, p_now);
            owing := owing OR transfers[i].reverses IS NOT NULL;
        END IF;
        i := j + 1;
    END LOOP;
    RETURN QUERY
        SELECT g, CASE WHEN refusals[g] IS NOT NULL THEN 'refused' WHEN known[g] IS NOT NULL THEN 'repeat' ELSE 'posted' END,
               coalesce(known[g], t_id[g]), refusals[g]
        FROM generate_series(1, cardinality(t_id)) g
        WHERE refusals[g] IS NOT NULL OR known[g] IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger_post_run_v1(
    p_waiting ledger_transfer_in[], p_legs ledger_leg_in[], p_owing boolean, p_day date, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    legs ledger_leg_in[] := p_legs;
    one ledger_transfer_in;
BEGIN
    IF cardinality(p_waiting) < (SELECT count(DISTINCT l.n) FROM unnest(p_legs) l) THEN
        legs := ARRAY (SELECT l FROM unnest(p_legs) l WHERE l.n IN (SELECT w.n FROM unnest(p_waiting) w));
    END IF;
    PERFORM ledger_post_simple_v1(p_waiting, legs, p_day, p_now);
    IF p_owing THEN
        FOREACH one IN ARRAY p_waiting LOOP
            IF one.kind = 'accrual' THEN
                PERFORM ledger_collect_owed_v1(one, legs, p_day, p_now);
            END IF;
        END LOOP;
    END IF;
END $$;
