-- Purpose: let whoever notes numbers of one circle, or changes whose they are, come one after another until commit.
-- Parameters: event.
-- Locks: an advisory lock of the transaction, after events_numbering and events_arrival where those are held.
-- Index: none.
SELECT pg_advisory_xact_lock(hashtextextended('events.circle:' || %(event)s::uuid::text, 0))
