-- Purpose: what was kept under request ids.
-- Parameters: parallel arrays: owner, request id.
-- Locks: none.
-- Index: kit_request primary key.
SELECT r.owner_id, r.request_id, r.digest, r.answer
FROM unnest(%s::uuid[], %s::text[]) AS i (owner_id, request_id)
CROSS JOIN LATERAL (
    SELECT k.* FROM kit_request k WHERE k.owner_id = i.owner_id AND k.request_id = i.request_id OFFSET 0) r
