-- Purpose: add to what caps have let through, for a batch; negative points give room back.
-- Parameters: four arrays of the same length, each (member, rule, day) once: member ids, rule ids, days, points.
-- Locks: the rows, in the order of (member, rule, day).
-- Index: points_cap_use primary key.
INSERT INTO points_cap_use AS u (member_id, rule_id, on_day, points)
SELECT k.member_id, k.rule_id, k.on_day, k.points
FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::bigint[]) AS k (member_id, rule_id, on_day, points)
ORDER BY k.member_id, k.rule_id, k.on_day
ON CONFLICT (member_id, rule_id, on_day) DO UPDATE SET points = u.points + excluded.points
