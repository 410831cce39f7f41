-- Purpose: active merchants with an open store near a place, the nearest first, each by its nearest store.
-- Parameters: latitude, longitude in degrees (WGS 84); name ('' for any: a pattern for ILIKE); most: rows at most.
-- Locks: none.
-- Index: none is needed: stores are a small reference table; what is read is every open store with coordinates, once.
--   The distance is the great circle's on a sphere of 6,371,009 m: within half a percent, which a walk does not notice.
WITH open_store AS (
    SELECT s.merchant_id, s.id,
           12742018 * asin(least(1, sqrt(
               sin(radians(s.latitude_e7 / 1e7 - %(latitude)s) / 2) ^ 2
               + cos(radians(%(latitude)s)) * cos(radians(s.latitude_e7 / 1e7))
                 * sin(radians(s.longitude_e7 / 1e7 - %(longitude)s) / 2) ^ 2))) AS distance_m
    FROM merchants_store s
    WHERE s.closed_at IS NULL AND s.latitude_e7 IS NOT NULL
), nearest AS (
    SELECT DISTINCT ON (o.merchant_id) o.merchant_id, o.distance_m
    FROM open_store o
    ORDER BY o.merchant_id, o.distance_m
)
SELECT n.merchant_id, n.distance_m::bigint
FROM nearest n
JOIN merchants_merchant m ON m.id = n.merchant_id
WHERE EXISTS (SELECT 1 FROM merchants_approval a WHERE a.merchant_id = m.id)
  AND NOT EXISTS (SELECT 1 FROM merchants_suspension p WHERE p.merchant_id = m.id AND p.lifted_at IS NULL)
  AND (%(name)s = '' OR m.name ILIKE %(name)s)
ORDER BY n.distance_m, n.merchant_id
LIMIT %(most)s
