-- Purpose: which transactions of this database began before a moment and are still open.
-- Parameters: the moment. A session whose beginning this role may not see counts as one that began before.
-- Locks: none.
-- Index: none; system views.
SELECT coalesce(array_agg(l.virtualxid ORDER BY l.virtualxid), '{}')
FROM pg_locks l
JOIN pg_stat_activity s ON s.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND l.pid <> pg_backend_pid()
  AND s.datid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND s.backend_type IS DISTINCT FROM 'autovacuum worker'
  AND (s.xact_start IS NULL OR s.xact_start < %s)
