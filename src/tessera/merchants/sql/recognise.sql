-- Purpose: call merchants_recognise_v1.
-- Parameters: see recognise_v1.sql.
-- Locks: see recognise_v1.sql.
-- Index: see recognise_v1.sql.
SELECT person_id, registered, level, birthday
FROM merchants_recognise_v1(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s) ORDER BY n
