-- Purpose: one audit line for each refused receipt of a batch.
-- Parameters: now, then parallel arrays: id, actor, merchant, verb, receipt number, refusal code.
-- Locks: none.
-- Index: kit_audit_line primary key.
INSERT INTO kit_audit_line (id, happened_at, actor, merchant_id, verb, object_kind, object_id, outcome, details)
SELECT i.id, %s, i.actor, i.merchant_id, i.verb, 'receipt', i.number, i.code, '{}'::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[]) AS i (id, actor, merchant_id, verb, number, code)
