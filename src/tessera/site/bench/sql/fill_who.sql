-- Purpose: the members among whom a history is spread, with where their wallets stand.
-- Parameters: named: merchant, first and last customer number.
-- Locks: none; a temporary table.
-- Index: merchants_customer_number primary key, ledger_account_once.
CREATE TEMPORARY TABLE fill_who ON COMMIT PRESERVE ROWS AS
SELECT n - %(first)s AS place, c.person_id, c.number, a.id AS account_id, a.balance, a.entry_count,
       (SELECT i.id FROM ledger_account i
        WHERE i.owner_id = %(merchant)s AND i.unit_id = %(merchant)s AND i.purpose = 'issued') AS issued_id
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN merchants_customer_number c ON c.merchant_id = %(merchant)s AND c.number = 'M' || n
JOIN ledger_account a ON a.owner_id = c.person_id AND a.unit_id = c.merchant_id AND a.purpose = 'wallet'
