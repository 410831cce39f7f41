-- Purpose: open missing accounts, then lock the guarded ones, in two statements' worth of one round trip.
-- Parameters: owner, owner kind, unit, purpose, below (arrays), now; owner, unit, purpose (arrays) again.
-- Locks: see accounts_v1.sql.
-- Index: see accounts_v1.sql.
WITH opened AS MATERIALIZED (
    SELECT ledger_open_accounts_v1(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::boolean[], %s)
)
SELECT ledger_hold_accounts_v1(%s::uuid[], %s::uuid[], %s::text[]) FROM opened
