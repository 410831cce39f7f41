-- Purpose: which of the remembered transactions are still open.
-- Parameters: their virtual transaction ids.
-- Locks: none.
-- Index: none; system view.
SELECT count(*) FROM pg_locks l
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.virtualxid = ANY (%s)
