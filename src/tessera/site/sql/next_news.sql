-- Purpose: the oldest piece of news that is to be told now, held for this transaction; others' pieces are passed over.
-- Parameters: most attempts; ids that this run has tried already; the present moment.
-- Locks: the one row, FOR UPDATE SKIP LOCKED.
-- Index: kit_news_untold (id) where not told.
SELECT n.id FROM kit_news n
WHERE n.told_at IS NULL AND n.attempts < %s AND n.id <> ALL (%s::uuid[])
  AND (n.attempts = 0 OR n.happened_at + make_interval(secs => 2 ^ n.attempts) <= %s)
ORDER BY n.id
LIMIT 1
FOR UPDATE SKIP LOCKED
