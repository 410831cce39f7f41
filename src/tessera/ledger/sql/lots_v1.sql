-- Purpose: take points from lots and put them back into the very lots (spec/ledger.md, Lot).
-- Parameters: the account (locked by the caller), the amount, the transfer that does it and its owner, the moment.
-- Locks: none of their own; the caller holds the account, and every change of a lot holds its account.
-- Index: ledger_lot primary key (account_id first); ledger_lot_move_transfer (owner_id, transfer_id).
CREATE OR REPLACE FUNCTION ledger_open_lots_v1(
    p_account uuid, p_source text, p_lot uuid, p_now timestamptz
) RETURNS SETOF ledger_lot LANGUAGE sql STABLE AS $$
    SELECT l.* FROM ledger_lot l
    WHERE l.account_id = p_account AND l.remaining > 0
      AND CASE p_source
            WHEN 'active' THEN l.active_from <= p_now AND (l.expires_at IS NULL OR l.expires_at > p_now)
            WHEN 'origin' THEN l.transfer_id = p_lot OR l.origin_transfer_id = p_lot
            WHEN 'lot' THEN l.transfer_id = p_lot
            WHEN 'live' THEN l.transfer_id = p_lot AND (l.expires_at IS NULL OR l.expires_at > p_now)
            WHEN 'over' THEN l.transfer_id = p_lot AND l.expires_at <= p_now
            ELSE true
          END;
$$;

CREATE OR REPLACE FUNCTION ledger_take_lots_v1(
    p_account uuid, p_amount bigint, p_source text, p_lot uuid, p_transfer uuid, p_owner uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH ranked AS (
        SELECT o.transfer_id, o.part, o.remaining,
               (sum(o.remaining) OVER (ORDER BY o.expires_at NULLS LAST, o.earned_at, o.transfer_id, o.part))::bigint
                   - o.remaining AS before
        FROM ledger_open_lots_v1(p_account, p_source, p_lot, p_now) o
    ), taken AS (
        UPDATE ledger_lot l
        SET remaining = l.remaining - least(r.remaining, p_amount - r.before)
        FROM ranked r
        WHERE l.account_id = p_account AND l.transfer_id = r.transfer_id AND l.part = r.part AND r.before < p_amount
        RETURNING l.transfer_id, l.part, least(r.remaining, p_amount - r.before) AS amount
    )
    INSERT INTO ledger_lot_move (account_id, lot_transfer_id, lot_part, transfer_id, owner_id, amount)
    SELECT p_account, t.transfer_id, t.part, p_transfer, p_owner, -t.amount FROM taken t;
END $$;

CREATE OR REPLACE FUNCTION ledger_returnable_lots_v1(p_account uuid, p_owner uuid, p_original uuid)
RETURNS TABLE (lot_transfer_id uuid, lot_part smallint, amount bigint, expires_at timestamptz, before bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.lot_transfer_id, s.lot_part, s.amount, l.expires_at,
           (sum(s.amount) OVER (ORDER BY l.expires_at DESC NULLS FIRST, s.lot_transfer_id DESC, s.lot_part DESC))::bigint
               - s.amount
    FROM (
        SELECT m.lot_transfer_id, m.lot_part, -sum(m.amount)::bigint AS amount
        FROM ledger_lot_move m
        WHERE m.account_id = p_account AND m.owner_id = p_owner AND m.transfer_id IN (
            SELECT p_original
            UNION ALL
            SELECT t.id FROM ledger_transfer t WHERE t.owner_id = p_owner AND t.reverses = p_original
        )
        GROUP BY m.lot_transfer_id, m.lot_part
    ) s
    JOIN ledger_lot l ON l.account_id = p_account AND l.transfer_id = s.lot_transfer_id AND l.part = s.lot_part
    WHERE s.amount > 0;
$$;

CREATE OR REPLACE FUNCTION ledger_put_back_lots_v1(
    p_account uuid, p_amount bigint, p_original uuid, p_transfer uuid, p_owner uuid, p_reopen_until timestamptz,
    p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH due AS (
        SELECT r.lot_transfer_id, r.lot_part, least(r.amount, p_amount - r.before) AS amount
        FROM ledger_returnable_lots_v1(p_account, p_owner, p_original) r
        WHERE r.before < p_amount
    ), put AS (
        UPDATE ledger_lot l
        SET remaining = l.remaining + d.amount,
            expires_at = CASE WHEN l.expires_at <= p_now THEN p_reopen_until ELSE l.expires_at END
        FROM due d
        WHERE l.account_id = p_account AND l.transfer_id = d.lot_transfer_id AND l.part = d.lot_part
        RETURNING l.transfer_id, l.part, d.amount
    )
    INSERT INTO ledger_lot_move (account_id, lot_transfer_id, lot_part, transfer_id, owner_id, amount)
    SELECT p_account, p.transfer_id, p.part, p_transfer, p_owner, p.amount FROM put p;
END $$;

CREATE OR REPLACE FUNCTION ledger_inherit_lots_v1(
    p_account uuid, p_holder uuid, p_transfer uuid, p_owner uuid
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger_lot (account_id, transfer_id, part, owner_id, funder_id, amount, remaining, cost_minor,
                            earned_at, active_from, expires_at, origin_transfer_id)
    SELECT p_account, p_transfer,
           (row_number() OVER (ORDER BY m.account_id, m.lot_transfer_id, m.lot_part))::smallint,
           p_holder, l.funder_id, -m.amount, -m.amount, l.cost_minor * -m.amount / l.amount,
           l.earned_at, l.active_from, l.expires_at,
           -- A joined number's claw-backs follow its points; a gift's do not.
           CASE WHEN t.kind = 'join' THEN coalesce(l.origin_transfer_id, l.transfer_id) END
    FROM ledger_lot_move m
    JOIN ledger_transfer t ON t.owner_id = m.owner_id AND t.id = m.transfer_id
    JOIN ledger_lot l ON l.account_id = m.account_id AND l.transfer_id = m.lot_transfer_id AND l.part = m.lot_part
    WHERE m.owner_id = p_owner AND m.transfer_id = p_transfer AND m.amount < 0;
$$;
