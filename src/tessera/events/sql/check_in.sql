-- Purpose: call events_check_in_v1 for one batch.
-- Parameters: arrays, see check_in_v1.sql.
-- Locks: see check_in_v1.sql.
-- Index: see check_in_v1.sql.
SELECT place, verdict, registration_id, person_id, name, picture, guest_group, number, prefix, width, arrived_at, door,
       void_number, detail, repeated
FROM events_check_in_v1(
    %(now)s, %(event)s::uuid[], %(merchant)s::uuid[], %(owner)s::uuid[], %(request)s::text[], %(digest)s::bytea[],
    %(by)s::text[], %(given)s::text[], %(code)s::text[], %(registration)s::uuid[], %(confirm)s::boolean[],
    %(at)s::timestamptz[], %(number)s::int[], %(door)s::text[], %(terminal)s::uuid[], %(printer)s::uuid[],
    %(actor)s::text[], %(most)s::int[]
)
