-- Purpose: the hashes of a day's entries as they are now, chunk by chunk.
-- Parameters: day.
-- Locks: none.
-- Index: see digest_v1.sql.
SELECT number, entry_count, hashes FROM ledger_day_chunks_v1(%s)
