-- Purpose: keep why lines of an imported file had no effect; of two faults of one line, the first.
-- Parameters: import, then parallel arrays: line, receipt number, refusal code, details as JSON text.
-- Locks: the new rows only.
-- Index: orders_import_fault primary key.
INSERT INTO orders_import_fault (import_id, line_no, receipt_number, code, details)
SELECT %s, i.line_no, i.number, i.code, i.details::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS i (line_no, number, code, details)
ON CONFLICT DO NOTHING
