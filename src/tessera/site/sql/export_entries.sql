-- Purpose: every entry on wallets of a merchant's points, member by member, oldest first; read row by row.
-- Parameters: merchant (named).
-- Locks: none.
-- Index: ledger_account_once (owner first) by way of merchants_customer; ledger_entry and ledger_transfer primary keys.
SELECT c.person_id, p.phone, t.id, t.kind, t.occurred_at, t.posted_at, e.amount, e.balance_after, t.reference_kind,
       t.reference_id, t.rule_version, t.reason, t.actor
FROM merchants_customer c
JOIN people_person p ON p.id = c.person_id
JOIN ledger_account a ON a.owner_id = c.person_id AND a.unit_id = c.merchant_id AND a.purpose = 'wallet'
JOIN ledger_entry e ON e.account_id = a.id
JOIN ledger_transfer t ON t.owner_id = e.owner_id AND t.id = e.transfer_id
WHERE c.merchant_id = %(merchant)s
ORDER BY c.person_id, e.seq
