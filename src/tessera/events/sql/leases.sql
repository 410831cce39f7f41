-- Purpose: the blocks of numbers of an event, or of one terminal, with what was used of each.
-- Parameters: event; terminal (NULL: all of the event); most: rows at most.
-- Locks: none; who counts what is left to lease more holds events_numbering.
-- Index: primary keys of events_lease and events_number_set_aside, events_arrival_number.
SELECT l.first_number, l.last_number, l.terminal_id, u.used
FROM events_lease l
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(x.number ORDER BY x.number), '{}') AS used
    FROM (
        SELECT a.number FROM events_arrival a
        WHERE a.event_id = l.event_id AND a.number BETWEEN l.first_number AND l.last_number
        UNION
        SELECT s.number FROM events_number_set_aside s
        WHERE s.event_id = l.event_id AND s.number BETWEEN l.first_number AND l.last_number
    ) x
    OFFSET 0
) u
WHERE l.event_id = %(event)s AND (%(terminal)s::uuid IS NULL OR l.terminal_id = %(terminal)s)
ORDER BY l.first_number
LIMIT %(most)s
