-- Purpose: arrivals of one event by door, busiest first.
-- Parameters: event; since: arrivals from here on are "just now"; most: doors at most.
-- Locks: none.
-- Index: primary key of events_arrival (event_id, registration_id).
SELECT door, count(*), count(*) FILTER (WHERE arrived_at >= %(since)s), count(*) FILTER (WHERE offline), max(arrived_at)
FROM events_arrival WHERE event_id = %(event)s
GROUP BY door ORDER BY count(*) DESC, door LIMIT %(most)s
