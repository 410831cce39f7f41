-- Purpose: call the activation function.
-- Parameters: see activate_v1.sql; casts fix the types of empty arrays.
-- Locks: see activate_v1.sql.
-- Index: see activate_v1.sql.
SELECT n, status, refusal FROM ledger_activate_lots_v1(
    %s::uuid, %s::uuid, %s::text, %s::uuid[], %s::smallint[], %s::timestamptz[], %s::timestamptz[], %s::text,
    %s::timestamptz)
ORDER BY n
