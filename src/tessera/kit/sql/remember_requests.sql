-- Purpose: keep the request ids of bulk calls with the digest of their bodies, and tell what was kept first.
-- Parameters: parallel arrays: owner, request id, digest; then now.
-- Locks: the new rows, in the order of their keys; a racer's row is waited for.
-- Index: kit_request primary key.
WITH given AS (
    SELECT DISTINCT ON (i.owner_id, i.request_id) i.*
    FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) AS i (owner_id, request_id, digest)
    ORDER BY i.owner_id, i.request_id
), kept AS (
    INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
    SELECT g.owner_id, g.request_id, g.digest, 200, ''::bytea, %s FROM given g
    ON CONFLICT DO NOTHING
    RETURNING owner_id, request_id, digest
)
SELECT * FROM kept
UNION ALL
SELECT r.owner_id, r.request_id, r.digest FROM given g
CROSS JOIN LATERAL (
    SELECT k.* FROM kit_request k WHERE k.owner_id = g.owner_id AND k.request_id = g.request_id OFFSET 0) r
