-- Purpose: a page of an event's accepted guests for a terminal, with their numbers.
-- Parameters: event; after: last id of the page before; most: rows at most.
-- Locks: none.
-- Index: events_registration_by_state, primary key of events_arrival.
SELECT r.id, r.name, r.picture, r."group", r.phone, r.code, r.ticket, r.state, a.number, a.arrived_at
FROM events_registration r
LEFT JOIN events_arrival a ON a.event_id = r.event_id AND a.registration_id = r.id
WHERE r.event_id = %(event)s AND r.state = 'accepted' AND r.id > %(after)s
ORDER BY r.id
LIMIT %(most)s
