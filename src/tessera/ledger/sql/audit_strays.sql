-- Purpose: name the entries of a range of accounts that no transfer knows; asked only when the counts differ.
-- Parameters: low (exclusive), high (inclusive).
-- Locks: none.
-- Index: ledger_entry and ledger_transfer primary keys.
SELECT 'entry_unknown', e.account_id, e.transfer_id, 0::bigint, e.amount
FROM ledger_entry e
LEFT JOIN LATERAL (
    SELECT e.account_id = ANY (t.account_ids) AS known FROM ledger_transfer t
    WHERE t.owner_id = e.owner_id AND t.id = e.transfer_id OFFSET 0) t ON true
WHERE e.account_id > %(low)s AND e.account_id <= %(high)s AND t.known IS NOT TRUE
