-- Purpose: pairs of events of one organiser of which one begins while the other takes place. One that does not say how long
--   it takes clashes at the very same place only.
-- Parameters: merchant (none: the platform's own); cancelled: whether events that were called off count; most: pairs at most.
-- Locks: none.
-- Index: events_event_merchant (merchant_id, starts_at).
SELECT a.id, b.id
FROM events_event a
JOIN events_event b ON b.merchant_id IS NOT DISTINCT FROM a.merchant_id AND (a.starts_at, a.id) < (b.starts_at, b.id)
    AND (b.starts_at < a.ends_at OR (b.starts_at = a.starts_at AND a.starts_at < b.ends_at))
    AND ((a.starts_at < a.ends_at AND b.starts_at < b.ends_at) OR a.place = b.place)
WHERE a.merchant_id IS NOT DISTINCT FROM %(merchant)s
  AND (%(cancelled)s OR NOT EXISTS (SELECT 1 FROM events_cancellation c WHERE c.event_id IN (a.id, b.id)))
ORDER BY a.starts_at, b.starts_at LIMIT %(most)s
