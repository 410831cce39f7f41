-- Purpose: call the posting function with one batch.
-- Parameters: see post_v1.sql; casts fix the types of empty arrays.
-- Locks: see post_v1.sql.
-- Index: see post_v1.sql.
SELECT n, status, transfer_id, refusal FROM ledger_post_v1(
    %b::timestamptz, %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], %b::bigint[], %b::uuid[], %b::text[],
    %b::uuid[], %b::timestamptz[], %b::text[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::timestamptz[],
    %b::integer[], %b::uuid[], %b::text[], %b::uuid[], %b::text[], %b::boolean[], %b::bigint[], %b::uuid[], %b::bigint[],
    %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])
