-- Purpose: the terminals of one event with what each has checked in and the numbers that it holds and has not given.
-- Parameters: event; most: terminals at most.
-- Locks: none.
-- Index: events_terminal_event (event_id, id), primary keys of events_arrival and events_lease (event_id, ...).
SELECT t.id, t.door, t.seen_at, t.revoked_at, t.waiting, coalesce(a.arrived, 0), coalesce(l.leased, 0) - coalesce(a.offline, 0)
FROM events_terminal t
LEFT JOIN (
    SELECT terminal_id, count(*) AS arrived, count(*) FILTER (WHERE offline) AS offline
    FROM events_arrival WHERE event_id = %(event)s AND terminal_id IS NOT NULL GROUP BY 1
) a ON a.terminal_id = t.id
LEFT JOIN (
    SELECT terminal_id, sum(last_number - first_number + 1) AS leased FROM events_lease WHERE event_id = %(event)s GROUP BY 1
) l ON l.terminal_id = t.id
WHERE t.event_id = %(event)s
ORDER BY t.revoked_at IS NOT NULL, t.door, t.id LIMIT %(most)s
