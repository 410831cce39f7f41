-- Purpose: post one transfer that takes from a guarded account or reverses another; checks all before it writes.
-- Parameters: the transfer, its resolved legs (none for a reversal, it finds its own), booking day, the moment.
-- Locks: guarded accounts are held by the caller; the reversed transfer's row, FOR NO KEY UPDATE; stripes.
-- Index: ledger_transfer primary key and ledger_transfer_reversals; ledger_entry and ledger_lot primary keys.
CREATE OR REPLACE FUNCTION ledger_reversal_legs_v1(
    p_transfer ledger_transfer_in, p_original ledger_transfer, p_amount bigint
) RETURNS ledger_leg_in[] LANGUAGE sql STABLE AS $$
    -- A customer number joined to a person carries its lots along: the claw-back follows them.
    SELECT array_agg(ROW(p_transfer.n, coalesce(moved.id, a.id), coalesce(moved.owner_id, a.owner_id), a.owner_kind,
                         a.unit_id, NOT a.may_go_below_zero,
                         u.lotted AND NOT a.may_go_below_zero AND a.purpose <> 'owed',
                         CASE WHEN p_amount = p_original.amount THEN -e.amount ELSE -sign(e.amount)::bigint * p_amount END,
                         NULL, NULL, NULL, NULL, NULL)::ledger_leg_in ORDER BY a.id)
    FROM ledger_entry e
    JOIN ledger_account a ON a.id = e.account_id
    JOIN ledger_unit u ON u.id = a.unit_id
    LEFT JOIN LATERAL (
        SELECT m.id, m.owner_id FROM ledger_lot l
        JOIN ledger_account m ON m.id = l.account_id AND m.owner_id = l.owner_id AND m.unit_id = a.unit_id
        WHERE l.origin_transfer_id = p_original.id AND e.amount > 0
        ORDER BY l.transfer_id DESC LIMIT 1
    ) moved ON true
    WHERE e.account_id = ANY (p_original.account_ids) AND e.transfer_id = p_original.id
      AND e.owner_id = p_original.owner_id;
$$;

CREATE OR REPLACE FUNCTION ledger_shortage_v1(
    p_transfer ledger_transfer_in, p_leg ledger_leg_in, p_now timestamptz
) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
-- NULL when the leg can be taken; else what is missing: {"code", "needed", "available", ...}.
DECLARE
    needed bigint := -p_leg.amount;
    available bigint;
    pending bigint;
    ends timestamptz;
    mistimed boolean;
BEGIN
    IF NOT p_leg.lotted THEN
        SELECT a.balance INTO available FROM ledger_account a
        WHERE a.owner_id = p_leg.owner_id AND a.id = p_leg.account_id;
    ELSIF p_transfer.reverses IS NOT NULL THEN
        SELECT coalesce(sum(o.remaining), 0) INTO available
        FROM ledger_open_lots_v1(p_leg.account_id, 'origin', p_transfer.reverses, p_now) o;
    ELSIF p_transfer.lot_transfer_id IS NOT NULL THEN
        -- What a joining or a transfer brought stands in several lots, each with an end of its own.
        SELECT coalesce(sum(l.remaining) FILTER (WHERE (l.expires_at <= p_now) IS TRUE = (p_transfer.kind = 'expiry')), 0),
               min(l.expires_at) FILTER (WHERE (l.expires_at <= p_now) IS TRUE <> (p_transfer.kind = 'expiry')),
               bool_or((l.expires_at <= p_now) IS TRUE <> (p_transfer.kind = 'expiry'))
        INTO available, ends, mistimed FROM ledger_lot l
        WHERE l.account_id = p_leg.account_id AND l.transfer_id = p_transfer.lot_transfer_id;
        IF available < needed AND mistimed THEN
            RETURN jsonb_build_object('code', CASE WHEN p_transfer.kind = 'expiry' THEN 'lot_not_expired'
                                                   ELSE 'lot_expired' END, 'expires_at', ends);
        END IF;
    ELSE
        SELECT coalesce(sum(o.remaining), 0) INTO available
        FROM ledger_open_lots_v1(p_leg.account_id, CASE p_transfer.kind WHEN 'join' THEN 'all' ELSE 'active' END,
                                 NULL, p_now) o;
        SELECT coalesce(sum(o.remaining), 0) INTO pending
        FROM ledger_open_lots_v1(p_leg.account_id, 'all', NULL, p_now) o WHERE o.active_from > p_now;
    END IF;
    IF available >= needed THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object('code', 'insufficient_balance', 'needed', needed,
                                                'available', available, 'pending', pending));
END $$;

CREATE OR REPLACE FUNCTION ledger_write_legs_v1(
    p_transfer ledger_transfer_in, p_legs ledger_leg_in[], p_day date, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    leg ledger_leg_in;
    after record;
    my_stripe smallint := pg_backend_pid() % 16;
BEGIN
    IF EXISTS (SELECT FROM unnest(p_legs) l GROUP BY l.unit_id HAVING sum(l.amount) <> 0) THEN
        RAISE EXCEPTION 'entries of a transfer must sum to zero per unit' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO ledger_transfer (owner_id, id, kind, request_id, digest, amount, reverses, reference_kind, reference_id,
                                 rule_version, actor, reason, occurred_at, posted_at, booked_on, account_ids)
    VALUES (p_transfer.owner_id, p_transfer.id, p_transfer.kind, p_transfer.request_id, p_transfer.digest,
            p_transfer.amount, p_transfer.reverses, p_transfer.reference_kind, p_transfer.reference_id,
            p_transfer.rule_version, p_transfer.actor, p_transfer.reason, p_transfer.occurred_at, p_now, p_day,
            ARRAY (SELECT l.account_id FROM unnest(p_legs) l));
    -- Takes come before gives, because what is given may inherit the lots that were taken.
    FOR leg IN SELECT l.* FROM unnest(p_legs) l ORDER BY l.amount > 0, l.account_id LOOP
        IF leg.guarded THEN
            UPDATE ledger_account a SET balance = a.balance + leg.amount, entry_count = a.entry_count + 1
            WHERE a.owner_id = leg.owner_id AND a.id = leg.account_id
            RETURNING a.balance, a.entry_count INTO after;
            INSERT INTO ledger_entry VALUES (leg.account_id, p_transfer.id, p_transfer.owner_id, leg.amount,
                                             after.balance, after.entry_count, p_day);
        ELSE
            INSERT INTO ledger_stripe AS s VALUES (leg.account_id, my_stripe, leg.owner_id, leg.amount, 1)
            ON CONFLICT (account_id, stripe, owner_id) DO UPDATE
                SET balance = s.balance + excluded.balance, entry_count = s.entry_count + 1;
            INSERT INTO ledger_entry VALUES (leg.account_id, p_transfer.id, p_transfer.owner_id, leg.amount,
                                             NULL, NULL, p_day);
        END IF;
        CONTINUE WHEN NOT leg.lotted;
        IF leg.amount < 0 THEN
            PERFORM ledger_take_lots_v1(leg.account_id, -leg.amount,
                CASE WHEN p_transfer.reverses IS NOT NULL THEN 'origin' WHEN p_transfer.kind = 'expiry' THEN 'over'
                     WHEN p_transfer.kind = 'owed_payment' THEN 'lot'
                     WHEN p_transfer.lot_transfer_id IS NOT NULL THEN 'live'
                     WHEN p_transfer.kind = 'join' THEN 'all' ELSE 'active' END,
                coalesce(p_transfer.reverses, p_transfer.lot_transfer_id), p_transfer.id, p_transfer.owner_id, p_now);
        ELSIF p_transfer.reverses IS NOT NULL THEN
            PERFORM ledger_put_back_lots_v1(leg.account_id, leg.amount, p_transfer.reverses, p_transfer.id,
                                            p_transfer.owner_id, p_transfer.reopen_until, p_now);
        ELSIF leg.earned_at IS NULL AND p_transfer.kind IN ('join', 'transfer') THEN
            PERFORM ledger_inherit_lots_v1(leg.account_id, leg.owner_id, p_transfer.id, p_transfer.owner_id);
        ELSE
            INSERT INTO ledger_lot VALUES (leg.account_id, p_transfer.id, 1, leg.owner_id, leg.funder_id, leg.amount,
                leg.amount, coalesce(leg.cost_minor, 0), coalesce(leg.earned_at, p_transfer.occurred_at),
                coalesce(leg.active_from, p_transfer.occurred_at), leg.expires_at, NULL);
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_owe_v1(
    p_legs ledger_leg_in[], p_leg ledger_leg_in, p_owed bigint
) RETURNS ledger_leg_in[] LANGUAGE sql STABLE AS $$
    -- The part that is no longer there: the member owes it, the issuer may claim it; the rest goes back to the issuer.
    SELECT array_agg(x) FROM (
        SELECT ROW(l.n, l.account_id, l.owner_id, l.owner_kind, l.unit_id, l.guarded, l.lotted,
                   CASE WHEN l.account_id = p_leg.account_id THEN l.amount + p_owed
                        WHEN l.unit_id = p_leg.unit_id AND l.amount > 0
                            THEN l.amount - least(l.amount, greatest(p_owed - l.before, 0))
                        ELSE l.amount END,
                   NULL, NULL, NULL, NULL, NULL)::ledger_leg_in AS x
        FROM (
            SELECT k.*, (sum(k.amount) FILTER (WHERE k.unit_id = p_leg.unit_id AND k.amount > 0)
                             OVER (ORDER BY k.amount, k.account_id))::bigint - k.amount AS before
            FROM unnest(p_legs) k
        ) l
        UNION ALL
        SELECT ROW(p_leg.n, a.id, a.owner_id, a.owner_kind, a.unit_id, NOT a.may_go_below_zero, false,
                   CASE a.purpose WHEN 'owed' THEN p_owed ELSE -p_owed END, NULL, NULL, NULL, NULL, NULL)::ledger_leg_in
        FROM ledger_account a
        JOIN ledger_unit u ON u.id = a.unit_id
        WHERE a.unit_id = p_leg.unit_id
          AND ((a.owner_id = p_leg.owner_id AND a.purpose = 'owed')
               OR (a.owner_id = u.issuer_id AND a.purpose = 'receivable'))
    ) y WHERE (x).amount <> 0;
$$;

CREATE OR REPLACE FUNCTION ledger_post_one_v1(
    p_transfer ledger_transfer_in, p_legs ledger_leg_in[], p_day date, p_now timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
-- NULL when posted; else the refusal: {"code": ..., details}.
DECLARE
    original ledger_transfer;
    legs ledger_leg_in[] := p_legs;
    leg ledger_leg_in;
    left_over bigint;
    missing jsonb;
BEGIN
    IF p_transfer.reverses IS NOT NULL THEN
        SELECT * INTO original FROM ledger_transfer t
        WHERE t.owner_id = p_transfer.owner_id AND t.id = p_transfer.reverses FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN jsonb_build_object('code', 'transfer_unknown');
        ELSIF original.reverses IS NOT NULL THEN
            RETURN jsonb_build_object('code', 'reversal_not_reversible');
        END IF;
        SELECT original.amount - coalesce(sum(t.amount), 0) INTO left_over FROM ledger_transfer t
        WHERE t.owner_id = p_transfer.owner_id AND t.reverses = p_transfer.reverses;
        p_transfer.amount := coalesce(p_transfer.amount, nullif(left_over, 0), 1);
        IF p_transfer.amount > left_over THEN
            RETURN jsonb_build_object('code', 'reversal_exceeds_original', 'left', left_over, 'asked', p_transfer.amount);
        ELSIF p_transfer.amount < original.amount AND cardinality(original.account_ids) > 2 THEN
            RETURN jsonb_build_object('code', 'reversal_must_be_whole', 'amount', original.amount);
        END IF;
        -- What is undone may have been posted in this very batch, or by a racer since the locks were taken.
        PERFORM 1 FROM ledger_touched_by_reversals_v1(ARRAY[p_transfer], p_now) r
        CROSS JOIN LATERAL (
            SELECT 1 FROM ledger_account a WHERE a.owner_id = r.owner_id AND a.id = r.account_id FOR NO KEY UPDATE) x;
        legs := ledger_reversal_legs_v1(p_transfer, original, p_transfer.amount);
        IF EXISTS (SELECT FROM unnest(legs) l JOIN ledger_account a ON a.id = l.account_id WHERE a.closed_at IS NOT NULL) THEN
            RETURN jsonb_build_object('code', 'account_closed');
        END IF;
    END IF;
    FOREACH leg IN ARRAY legs LOOP
        IF leg.guarded AND leg.amount < 0 THEN
            missing := ledger_shortage_v1(p_transfer, leg, p_now);
            IF missing ->> 'code' = 'insufficient_balance' AND leg.lotted AND p_transfer.shortfall = 'owe' THEN
                legs := ledger_owe_v1(legs, leg, (missing ->> 'needed')::bigint - (missing ->> 'available')::bigint);
            ELSIF missing IS NOT NULL THEN
                RETURN missing;
            END IF;
        ELSIF leg.lotted AND p_transfer.reverses IS NOT NULL AND (p_transfer.reopen_until > p_now) IS NOT TRUE AND EXISTS (
            SELECT FROM ledger_returnable_lots_v1(leg.account_id, p_transfer.owner_id, p_transfer.reverses) r
            WHERE r.before < leg.amount AND r.expires_at <= p_now
        ) THEN
            RETURN jsonb_build_object('code', 'lot_expired');
        END IF;
    END LOOP;
    PERFORM ledger_write_legs_v1(p_transfer, legs, p_day, p_now);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger_collect_owed_v1(
    p_transfer ledger_transfer_in, p_legs ledger_leg_in[], p_day date, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
-- Points owed are taken from later accruals first (spec/points.md, Returns): a transfer of its own, right behind.
DECLARE
    leg ledger_leg_in;
    owed record;
    paid bigint;
    due ledger_transfer_in;
BEGIN
    FOR leg IN SELECT l.* FROM unnest(p_legs) l WHERE l.n = p_transfer.n AND l.lotted AND l.amount > 0 LOOP
        SELECT a.id, a.balance, r.id AS receivable, r.owner_id AS issuer_id, i.id AS issued INTO owed
        FROM ledger_account a
        JOIN ledger_unit u ON u.id = a.unit_id
        JOIN ledger_account r ON r.owner_id = u.issuer_id AND r.unit_id = u.id AND r.purpose = 'receivable'
        JOIN ledger_account i ON i.owner_id = u.issuer_id AND i.unit_id = u.id AND i.purpose = 'issued'
        WHERE a.owner_id = leg.owner_id AND a.unit_id = leg.unit_id AND a.purpose = 'owed' AND a.balance > 0;
        CONTINUE WHEN NOT FOUND;
        paid := least(owed.balance, leg.amount);
        due := p_transfer;
        due.id := ledger_uuid7();
        due.kind := 'owed_payment';
        due.request_id := 'owed:' || p_transfer.id;
        due.amount := paid;
        due.lot_transfer_id := p_transfer.id;
        PERFORM ledger_write_legs_v1(due, ARRAY[
            ROW(leg.n, leg.account_id, leg.owner_id, 'member', leg.unit_id, true, true, -paid, NULL, NULL, NULL, NULL, NULL),
            ROW(leg.n, owed.issued, owed.issuer_id, 'merchant', leg.unit_id, false, false, paid, NULL, NULL, NULL, NULL, NULL),
            ROW(leg.n, owed.id, leg.owner_id, 'member', leg.unit_id, true, false, -paid, NULL, NULL, NULL, NULL, NULL),
            ROW(leg.n, owed.receivable, owed.issuer_id, 'merchant', leg.unit_id, false, false, paid, NULL, NULL, NULL, NULL, NULL)
        ]::ledger_leg_in[], p_day, p_now);
    END LOOP;
END $$;
