-- Purpose: what the chain of digests is made of (spec/ledger.md, What must always hold, 5).
-- Parameters: the parts of one entry and of its transfer; or a day.
-- Locks: none.
-- Index: ledger_entry_day (BRIN on booked_on), ledger_transfer primary key. The day is sorted on disk beyond work_mem,
--   so that memory stays flat however many entries it has.
CREATE OR REPLACE FUNCTION ledger_entry_line_v1(
    p_account uuid, p_transfer uuid, p_owner uuid, p_amount bigint, p_balance_after bigint, p_seq bigint, p_booked_on date,
    p_kind text, p_transfer_amount bigint, p_reverses uuid, p_occurred_at timestamptz, p_posted_at timestamptz,
    p_request_id text
) RETURNS text LANGUAGE sql STABLE AS $$
    -- The request id stands last because it alone is free text: nothing in it can pass for another part.
    SELECT 'entry.1|' || p_account || '|' || p_transfer || '|' || p_owner || '|' || p_amount || '|'
        || coalesce(p_balance_after::text, '') || '|' || coalesce(p_seq::text, '') || '|'
        || to_char(p_booked_on, 'YYYY-MM-DD') || '|' || coalesce(p_kind, '') || '|'
        || coalesce(p_transfer_amount::text, '') || '|' || coalesce(p_reverses::text, '') || '|'
        || coalesce((extract(epoch FROM p_occurred_at) * 1000000)::bigint::text, '') || '|'
        || coalesce((extract(epoch FROM p_posted_at) * 1000000)::bigint::text, '') || '|'
        || coalesce(p_request_id, '');
$$;

CREATE OR REPLACE FUNCTION ledger_day_hashes_v1(p_day date)
RETURNS TABLE (place bigint, account_id uuid, transfer_id uuid, owner_id uuid, hash bytea) LANGUAGE sql STABLE AS $$
    SELECT row_number() OVER (ORDER BY h.account_id, h.transfer_id, h.owner_id), h.* FROM (
        SELECT e.account_id, e.transfer_id, e.owner_id,
               sha256(convert_to(ledger_entry_line_v1(
                   e.account_id, e.transfer_id, e.owner_id, e.amount, e.balance_after, e.seq, e.booked_on,
                   t.kind, t.amount, t.reverses, t.occurred_at, t.posted_at, t.request_id), 'UTF8')) AS hash
        FROM ledger_entry e
        LEFT JOIN LATERAL (
            SELECT k.kind, k.amount, k.reverses, k.occurred_at, k.posted_at, k.request_id FROM ledger_transfer k
            WHERE k.owner_id = e.owner_id AND k.id = e.transfer_id OFFSET 0) t ON true
        WHERE e.booked_on = p_day
    ) h;
$$;

CREATE OR REPLACE FUNCTION ledger_day_chunks_v1(p_day date)
RETURNS TABLE (number integer, entry_count integer, hashes bytea) LANGUAGE sql STABLE AS $$
    SELECT ((h.place - 1) / 4096)::integer, count(*)::integer, string_agg(h.hash, ''::bytea ORDER BY h.place)
    FROM ledger_day_hashes_v1(p_day) h
    GROUP BY 1 ORDER BY 1;
$$;
