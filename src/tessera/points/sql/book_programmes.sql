-- Purpose: all versions of a merchant's programme up to one revision of its rule book (read once, then kept in memory).
-- Parameters: merchant, revision.
-- Locks: none.
-- Index: points_programme_revision_once.
SELECT version, revision, effective_from, pending_days, expiry::text, unclaimed_days, point_cost_num, point_cost_den
FROM points_programme_version
WHERE merchant_id = %s AND revision <= %s
ORDER BY revision
