-- Purpose: keep answers under request ids, in the transaction of the writes themselves.
-- Parameters: parallel arrays: owner, request id, digest, answer; now.
-- Locks: the new rows; a racer with the same id ends in a unique violation, which is retried.
-- Index: kit_request primary key.
INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
SELECT i.owner_id, i.request_id, i.digest, 201, i.answer, %s
FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::bytea[]) AS i (owner_id, request_id, digest, answer)
