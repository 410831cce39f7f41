-- Purpose: chain the entries of one past UTC day by hash; posting books on the day after the last closed one at least.
-- Parameters: p_day date, the earliest day with entries that is not closed; p_now timestamptz.
-- Locks: ledger_day_digest, SHARE ROW EXCLUSIVE: one closer at a time; posting only reads it and never waits.
--   The caller has waited for every transaction that began before the day was over (open_transactions.sql).
-- Index: ledger_entry_day (BRIN on booked_on).
CREATE OR REPLACE FUNCTION ledger_next_day_v1() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
    -- A minute's grace, because a clock may be set back a little. Day by day, because each look ends at the first entry.
    SELECT d.day::date
    FROM generate_series(
        coalesce((SELECT max(g.day) + 1 FROM ledger_day_digest g), (SELECT min(e.booked_on) FROM ledger_entry e))::timestamp,
        (((clock_timestamp() - interval '1 minute') AT TIME ZONE 'UTC')::date - 1)::timestamp, interval '1 day') AS d (day)
    WHERE EXISTS (SELECT FROM ledger_entry e WHERE e.booked_on = d.day::date OFFSET 0)
    ORDER BY d.day LIMIT 1;
$$;

CREATE OR REPLACE FUNCTION ledger_close_day_v1(p_day date, p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET work_mem = '64MB' AS $$
-- The number of entries chained, or NULL when the day is not the next one to close (any more).
DECLARE
    chunk record;
    before bytea;
    chained bytea;
    entries bigint := 0;
BEGIN
    LOCK TABLE ledger_day_digest IN SHARE ROW EXCLUSIVE MODE;
    IF p_day IS DISTINCT FROM ledger_next_day_v1() THEN
        RETURN NULL;
    END IF;
    SELECT d.digest INTO before FROM ledger_day_digest d ORDER BY d.day DESC LIMIT 1;
    before := coalesce(before, decode(repeat('00', 32), 'hex'));
    chained := before;
    FOR chunk IN SELECT * FROM ledger_day_chunks_v1(p_day) LOOP
        chained := sha256(chained || chunk.hashes);
        INSERT INTO ledger_digest_chunk (day, number, entry_count, fingerprints, digest)
        SELECT p_day, chunk.number, chunk.entry_count,
               string_agg(substring(chunk.hashes FROM 1 + 32 * g FOR 8), ''::bytea ORDER BY g), chained
        FROM generate_series(0, chunk.entry_count - 1) g;
        entries := entries + chunk.entry_count;
    END LOOP;
    INSERT INTO ledger_day_digest (day, previous, digest, entry_count, closed_at)
    VALUES (p_day, before, chained, entries, p_now);
    RETURN entries;
END $$;
