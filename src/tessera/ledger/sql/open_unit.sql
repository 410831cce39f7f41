-- Purpose: open a unit once.
-- Parameters: id, kind, code, issuer_id, exponent, now.
-- Locks: the new row only.
-- Index: ledger_unit primary key, unique code.
SELECT ledger_open_unit_v1(%s, %s, %s, %s, %s, %s)
