-- Purpose: all ids under which one person's purchases stand: his own first, then those of customer numbers joined to him.
-- Parameters: member (any of them).
-- Locks: none.
-- Index: people_joining primary key and people_joining_into.
WITH own AS (
    SELECT coalesce((SELECT j.into_person_id FROM people_joining j WHERE j.from_person_id = %(member)s::uuid), %(member)s::uuid) AS id
)
SELECT id FROM own
UNION ALL
(SELECT j.from_person_id FROM own JOIN people_joining j ON j.into_person_id = own.id ORDER BY j.from_person_id)
