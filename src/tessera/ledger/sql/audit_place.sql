-- Purpose: which entries stand around a place in a day's order.
-- Parameters: day, first and last place (from 1).
-- Locks: none.
-- Index: see digest_v1.sql.
SELECT h.account_id, h.transfer_id, substring(h.hash FOR 8) FROM ledger_day_hashes_v1(%s) h WHERE h.place BETWEEN %s AND %s ORDER BY h.place
