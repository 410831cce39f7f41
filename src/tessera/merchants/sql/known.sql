-- Purpose: call merchants_known_v1: who is meant, adding nobody.
-- Parameters: see recognise_v1.sql.
-- Locks: none.
-- Index: see recognise_v1.sql.
SELECT person_id, registered, level, birthday FROM merchants_known_v1(%s::uuid[], %s::text[], %s::text[]) ORDER BY n
