-- Purpose: open a unit once (application role may not write ledger tables itself).
-- Parameters: p_id uuid, p_kind text, p_code text, p_issuer uuid, p_exponent int, p_now timestamptz.
-- Locks: the new row only.
-- Index: ledger_unit primary key, unique code.
CREATE OR REPLACE FUNCTION ledger_open_unit_v1(
    p_id uuid, p_kind text, p_code text, p_issuer uuid, p_exponent integer, p_now timestamptz
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_unit (id, kind, code, issuer_id, exponent, lotted, opened_at)
    VALUES (p_id, p_kind, p_code, p_issuer, p_exponent, p_kind <> 'money', p_now)
    ON CONFLICT DO NOTHING;
$$;
