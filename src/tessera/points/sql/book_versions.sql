-- Purpose: all versions of a merchant's rules up to one revision of its rule book (read once, then kept in memory).
-- Parameters: merchant, revision.
-- Locks: none.
-- Index: points_rule_version_revision_once, points_earning_rule primary key.
SELECT v.rule_id, v.version, v.revision, r.kind, r.name, v.position, v.effective_from, v.effective_until, v.store_ids,
       v.terms::text
FROM points_earning_rule_version v
JOIN points_earning_rule r ON r.id = v.rule_id
WHERE v.merchant_id = %s AND v.revision <= %s
ORDER BY v.revision
