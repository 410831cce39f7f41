-- Purpose: name what no longer guards the ledger: a missing or invalid unique key, a switched-off append-only trigger.
-- Parameters: none.
-- Locks: none.
-- Index: none; system catalogues.
SELECT 'request_ids_not_unique' AS kind, 'ledger_transfer'
WHERE NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = 'ledger_transfer'::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
      AND (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
           WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) = ARRAY['owner_id', 'request_id'])
UNION ALL
SELECT 'not_append_only', t.name
FROM unnest(ARRAY['ledger_transfer', 'ledger_entry', 'ledger_lot_move', 'ledger_lot_activation', 'ledger_day_digest',
                  'ledger_digest_chunk']) AS t (name)
WHERE NOT EXISTS (
    SELECT FROM pg_trigger g
    WHERE g.tgrelid = t.name::regclass AND g.tgname = 'append_only' AND g.tgenabled IN ('O', 'A'))
