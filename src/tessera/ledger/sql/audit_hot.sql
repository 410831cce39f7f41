-- Purpose: add up the next entries of one hot account.
-- Parameters: account, transfer and owner to go on behind, most entries.
-- Locks: none.
-- Index: ledger_entry primary key.
SELECT count(*), coalesce(sum(e.amount), 0)::bigint, max((e.transfer_id::text || e.owner_id::text) COLLATE "C")
FROM (
    SELECT k.amount, k.transfer_id, k.owner_id FROM ledger_entry k
    WHERE k.account_id = %s AND (k.transfer_id, k.owner_id) > (%s, %s)
    ORDER BY k.transfer_id, k.owner_id LIMIT %s
) e
