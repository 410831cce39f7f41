-- Purpose: the figures of one event's board in one row.
-- Parameters: event; since: arrivals recorded from here on are "just now".
-- Locks: none.
-- Index: events_registration_by_state (event_id, state, id), events_arrival_at (event_id, arrived_at),
--   events_correction_by_state, events_print_job_guest, primary keys; all within one event.
WITH registrations AS (
    SELECT count(*) FILTER (WHERE state = 'accepted') AS accepted,
           count(*) FILTER (WHERE state = 'waitlisted') AS waitlisted,
           count(*) FILTER (WHERE state = 'pending') AS pending,
           count(*) FILTER (WHERE state = 'declined') AS declined,
           count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
           count(*) FILTER (WHERE walk_in AND state = 'accepted') AS walk_ins
    FROM events_registration WHERE event_id = %(event)s
), arrivals AS (
    SELECT count(*) AS arrived, count(*) FILTER (WHERE offline) AS offline,
           count(*) FILTER (WHERE arrived_at >= %(since)s) AS lately, min(arrived_at) AS first_at,
           max(arrived_at) AS last_at
    FROM events_arrival WHERE event_id = %(event)s
)
SELECT r.accepted, r.waitlisted, r.pending, r.declined, r.cancelled, r.walk_ins,
       a.arrived, a.offline, a.lately, a.first_at, a.last_at,
       (SELECT count(*) FROM events_correction c WHERE c.event_id = %(event)s AND c.state = 'open'),
       (SELECT count(*) FROM events_print_job j WHERE j.event_id = %(event)s AND j.state = 'failed' AND j.fault <> 'undone'),
       (SELECT count(*) FROM events_print_job j WHERE j.event_id = %(event)s AND j.state IN ('queued', 'sent')),
       (SELECT count(*) FROM events_undone_arrival u WHERE u.event_id = %(event)s AND u.why = 'undone'),
       (SELECT count(*) FROM events_undone_arrival u WHERE u.event_id = %(event)s AND u.why = 'second_door'),
       (SELECT count(*) FROM events_guess g WHERE g.event_id = %(event)s AND g.locked_at IS NOT NULL)
FROM registrations r, arrivals a
