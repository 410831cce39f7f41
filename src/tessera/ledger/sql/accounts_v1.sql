-- Purpose: accounts exist before they are locked; locks are taken in account order (spec/ledger.md, Posting).
-- Parameters: parallel arrays of owner, owner kind, unit, purpose, may_go_below_zero; p_now timestamptz.
-- Locks: ledger_account rows that may not go below zero, FOR NO KEY UPDATE, ordered by (owner_id, id); with them the
--   `owed` accounts of the same owners and units, because every accrual looks at them.
-- Index: ledger_account_once (owner_id, unit_id, purpose); primary key (owner_id, id).
CREATE OR REPLACE FUNCTION ledger_uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
        'hex')::uuid;
$$;

CREATE OR REPLACE FUNCTION ledger_open_accounts_v1(
    p_owner uuid[], p_owner_kind text[], p_unit uuid[], p_purpose text[], p_below boolean[], p_now timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO ledger_account (owner_id, id, owner_kind, unit_id, purpose, may_go_below_zero, balance, entry_count, opened_at)
    SELECT w.owner_id, ledger_uuid7(), w.owner_kind, w.unit_id, w.purpose, w.below AND w.owner_kind <> 'member', 0, 0, p_now
    FROM (
        SELECT DISTINCT ON (i.owner_id, i.unit_id, i.purpose) i.*
        FROM unnest(p_owner, p_owner_kind, p_unit, p_purpose, p_below) AS i (owner_id, owner_kind, unit_id, purpose, below)
        LEFT JOIN LATERAL (
            SELECT true AS found FROM ledger_account a
            WHERE a.owner_id = i.owner_id AND a.unit_id = i.unit_id AND a.purpose = i.purpose OFFSET 0) a ON true
        WHERE a.found IS NULL
        ORDER BY i.owner_id, i.unit_id, i.purpose
    ) w
    ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION ledger_hold_accounts_v1(p_owner uuid[], p_unit uuid[], p_purpose text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM (
        SELECT DISTINCT h.owner_id, h.id
        FROM unnest(p_owner, p_unit, p_purpose) AS i (owner_id, unit_id, purpose)
        CROSS JOIN LATERAL (
            SELECT k.owner_id, k.id FROM ledger_account k
            WHERE k.owner_id = i.owner_id AND k.unit_id = i.unit_id AND k.purpose IN (i.purpose, 'owed')
              AND NOT k.may_go_below_zero OFFSET 0) h
        ORDER BY h.owner_id, h.id
    ) d
    CROSS JOIN LATERAL (
        SELECT 1 FROM ledger_account a WHERE a.owner_id = d.owner_id AND a.id = d.id FOR NO KEY UPDATE) x;
END $$;
