-- Purpose: call the posting function with one batch.
-- Parameters: see post_v1.sql; casts fix the types of empty arrays.
-- Locks: see post_v1.sql.
-- Index: see post_v1.sql.
SELECT n, status, transfer_id, refusal FROM ledger_post_v1(
    %s::timestamptz, %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::bigint[], %s::uuid[], %s::text[],
    %s::uuid[], %s::timestamptz[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
    %s::integer[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::boolean[], %s::bigint[], %s::uuid[], %s::bigint[],
    %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
