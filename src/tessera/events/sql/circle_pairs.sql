-- Purpose: guests of one event who have noted each other's number, as numbers are now, and have not been told.
-- Parameters: event; person: only pairs with this one (NULL: all).
-- Locks: none; the caller holds the circle (hold_circle.sql).
-- Index: events_jotting by primary key, events_arrival_number, events_arrival_of_person, events_mutual_interest by primary key.
SELECT DISTINCT least(mine.person_id, yours.person_id), greatest(mine.person_id, yours.person_id)
FROM events_jotting mine
JOIN events_arrival me ON me.event_id = mine.event_id AND me.person_id = mine.person_id
JOIN events_arrival you ON you.event_id = mine.event_id AND you.number = mine.number
JOIN events_jotting yours ON yours.event_id = mine.event_id AND yours.person_id = you.person_id
                         AND yours.number = me.number
WHERE mine.event_id = %(event)s
  AND (%(person)s::uuid IS NULL OR mine.person_id = %(person)s::uuid)
  AND NOT EXISTS (SELECT 1 FROM events_mutual_interest m
                  WHERE m.event_id = mine.event_id AND m.low_id = least(mine.person_id, yours.person_id)
                    AND m.high_id = greatest(mine.person_id, yours.person_id))
ORDER BY 1, 2
