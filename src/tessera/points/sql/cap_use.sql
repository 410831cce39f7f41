-- Purpose: what caps have let through, for a batch of members, rules and merchant-local days.
-- Parameters: three arrays of the same length: member ids, rule ids, days.
-- Locks: none; a caller that decides by the answer holds the members' accounts.
-- Index: points_cap_use primary key, one look for each element.
SELECT u.member_id, u.rule_id, u.on_day, u.points
FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS k (member_id, rule_id, on_day)
CROSS JOIN LATERAL (
    SELECT c.* FROM points_cap_use c
    WHERE c.member_id = k.member_id AND c.rule_id = k.rule_id AND c.on_day = k.on_day OFFSET 0) u
