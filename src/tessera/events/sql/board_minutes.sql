-- Purpose: arrivals of one event in steps of some minutes; steps without any are left out.
-- Parameters: event; step_s: length of a step in seconds.
-- Locks: none.
-- Index: events_arrival_at (event_id, arrived_at), or the primary key; the rows of one event alone.
SELECT to_timestamp(floor(extract(epoch FROM arrived_at) / %(step_s)s) * %(step_s)s) AS step, count(*)
FROM events_arrival WHERE event_id = %(event)s
GROUP BY 1 ORDER BY 1
