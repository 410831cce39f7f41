-- Purpose: give pending lots their final terms when what they waited for has happened (spec/points.md, Pending).
-- Parameters: p_owner, p_unit: whose wallet; p_request: unique per owner; parallel arrays: the lot (transfer, part) and
--   its terms from now on (active from; expires at, NULL: never); p_actor; p_now.
-- Locks: the wallet's ledger_account row, FOR NO KEY UPDATE.
-- Index: ledger_account_once; ledger_lot primary key; ledger_lot_activation primary key (owner_id, request_id, ...).
CREATE OR REPLACE FUNCTION ledger_judge_activation_v1(
    p_account uuid, p_owner uuid, p_request text, p_transfer uuid[], p_part smallint[], p_now timestamptz
) RETURNS TABLE (n integer, status text, refusal jsonb) LANGUAGE sql STABLE AS $$
    SELECT i.n::integer,
           CASE WHEN k.done THEN 'repeat'
                WHEN l.transfer_id IS NULL OR l.active_from <= p_now OR l.expires_at <= p_now THEN 'refused'
                ELSE 'activated' END,
           CASE WHEN k.done THEN NULL
                WHEN l.transfer_id IS NULL THEN jsonb_build_object('code', 'lot_unknown')
                WHEN l.expires_at <= p_now THEN jsonb_build_object('code', 'lot_expired', 'expires_at', l.expires_at)
                WHEN l.active_from <= p_now
                    THEN jsonb_build_object('code', 'lot_not_pending', 'active_from', l.active_from) END
    FROM unnest(p_transfer, p_part) WITH ORDINALITY AS i (transfer_id, part, n)
    LEFT JOIN LATERAL (
        SELECT o.* FROM ledger_lot o
        WHERE o.account_id = p_account AND o.transfer_id = i.transfer_id AND o.part = i.part OFFSET 0) l ON true
    LEFT JOIN LATERAL (
        SELECT true AS done FROM ledger_lot_activation a
        WHERE a.owner_id = p_owner AND a.request_id = p_request AND a.account_id = p_account
          AND a.lot_transfer_id = i.transfer_id AND a.lot_part = i.part OFFSET 0) k ON true;
$$;

CREATE OR REPLACE FUNCTION ledger_activate_lots_v1(
    p_owner uuid, p_unit uuid, p_request text, p_transfer uuid[], p_part smallint[], p_active timestamptz[],
    p_expires timestamptz[], p_actor text, p_now timestamptz
) RETURNS TABLE (n integer, status text, refusal jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    wallet uuid;
    judged record;
BEGIN
    SELECT a.id INTO wallet FROM ledger_account a
    WHERE a.owner_id = p_owner AND a.unit_id = p_unit AND a.purpose = 'wallet' FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM ledger_lot_activation k
        WHERE k.owner_id = p_owner AND k.request_id = p_request AND NOT EXISTS (
            SELECT FROM unnest(p_transfer, p_part, p_active, p_expires) AS i (transfer_id, part, active, expires)
            WHERE k.account_id = wallet AND i.transfer_id = k.lot_transfer_id AND i.part = k.lot_part
              AND i.active = k.active_from AND i.expires IS NOT DISTINCT FROM k.expires_at)
    ) THEN
        RETURN QUERY SELECT g, 'refused', jsonb_build_object('code', 'id_reused', 'request_id', p_request)
                     FROM generate_series(1, cardinality(p_transfer)) g;
        RETURN;
    END IF;
    FOR judged IN
        SELECT j.* FROM ledger_judge_activation_v1(wallet, p_owner, p_request, p_transfer, p_part, p_now) j ORDER BY j.n
    LOOP
        n := judged.n; status := judged.status; refusal := judged.refusal;
        RETURN NEXT;
        CONTINUE WHEN judged.status <> 'activated';
        INSERT INTO ledger_lot_activation (owner_id, request_id, account_id, lot_transfer_id, lot_part, active_from,
                                           expires_at, actor, made_at, was_active_from, was_expires_at)
        SELECT p_owner, p_request, wallet, l.transfer_id, l.part, p_active[judged.n], p_expires[judged.n], p_actor, p_now,
               l.active_from, l.expires_at
        FROM ledger_lot l
        WHERE l.account_id = wallet AND l.transfer_id = p_transfer[judged.n] AND l.part = p_part[judged.n];
        UPDATE ledger_lot l SET active_from = p_active[judged.n], expires_at = p_expires[judged.n]
        WHERE l.account_id = wallet AND l.transfer_id = p_transfer[judged.n] AND l.part = p_part[judged.n];
    END LOOP;
END $$;
