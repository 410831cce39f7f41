-- Purpose: members for a benchmark: registered persons with a phone number and a customer number, wallets open.
-- Parameters: named: merchant, first and last number, moment.
-- Locks: only rows it adds.
-- Index: none.
WITH fresh AS MATERIALIZED (
    SELECT n, ledger_uuid7() AS id FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
), person AS (
    INSERT INTO people_person (id, phone, registered_at, created_at)
    SELECT f.id, '+86100' || lpad(f.n::text, 8, '0'), %(now)s, %(now)s FROM fresh f
), customer AS (
    INSERT INTO merchants_customer (merchant_id, person_id, joined_at) SELECT %(merchant)s, f.id, %(now)s FROM fresh f
), numbered AS (
    INSERT INTO merchants_customer_number (merchant_id, number, person_id)
    SELECT %(merchant)s, 'M' || f.n, f.id FROM fresh f
)
SELECT ledger_open_accounts_v1(array_agg(f.id), array_agg('member'::text), array_agg(%(merchant)s::uuid),
                               array_agg('wallet'::text), array_agg(false), %(now)s)
FROM fresh f
