-- Purpose: published events to come near a place, the nearest first.
-- Parameters: latitude, longitude in degrees (WGS 84); now: what has ended before is left out; most: rows at most.
-- Locks: none.
-- Index: events_event_ends leads to what is still to come; few of all events ever are.
--   The distance is the great circle's on a sphere of 6,371,009 m: within half a percent, which a walk does not notice.
SELECT e.id,
       (12742018 * asin(least(1, sqrt(
           sin(radians(e.latitude_e7 / 1e7 - %(latitude)s) / 2) ^ 2
           + cos(radians(%(latitude)s)) * cos(radians(e.latitude_e7 / 1e7))
             * sin(radians(e.longitude_e7 / 1e7 - %(longitude)s) / 2) ^ 2))))::bigint AS distance_m
FROM events_event e
WHERE e.ends_at > %(now)s AND e.latitude_e7 IS NOT NULL
  AND EXISTS (SELECT 1 FROM events_publication p WHERE p.event_id = e.id)
  AND NOT EXISTS (SELECT 1 FROM events_cancellation c WHERE c.event_id = e.id)
  AND (e.merchant_id IS NULL OR EXISTS (SELECT 1 FROM merchants_approval a WHERE a.merchant_id = e.merchant_id))
  AND NOT EXISTS (SELECT 1 FROM merchants_suspension s WHERE s.merchant_id = e.merchant_id AND s.lifted_at IS NULL)
ORDER BY distance_m, e.id
LIMIT %(most)s
