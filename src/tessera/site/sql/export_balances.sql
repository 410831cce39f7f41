-- Purpose: every member of a merchant with what he holds of its points; read with a cursor of the server's, row by row.
-- Parameters: merchant, now (named).
-- Locks: none.
-- Index: merchants_customer primary key; ledger_account_once; ledger_lot_open and ledger_lot_ending.
SELECT c.person_id, p.phone, p.nickname, c.level,
       ARRAY (SELECT n.number FROM merchants_customer_number n
              WHERE n.merchant_id = c.merchant_id AND n.person_id = c.person_id ORDER BY n.number),
       coalesce(w.balance, 0), coalesce(w.pending, 0), coalesce(w.expired, 0), coalesce(o.balance, 0)
FROM merchants_customer c
JOIN people_person p ON p.id = c.person_id
LEFT JOIN LATERAL (
    SELECT a.balance,
           (SELECT sum(l.remaining) FROM ledger_lot l
            WHERE l.account_id = a.id AND l.remaining > 0 AND l.active_from > %(now)s
              AND (l.expires_at IS NULL OR l.expires_at > %(now)s)) AS pending,
           (SELECT sum(l.remaining) FROM ledger_lot l
            WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= %(now)s) AS expired
    FROM ledger_account a
    WHERE a.owner_id = c.person_id AND a.unit_id = c.merchant_id AND a.purpose = 'wallet'
) w ON true
LEFT JOIN LATERAL (
    SELECT a.balance FROM ledger_account a
    WHERE a.owner_id = c.person_id AND a.unit_id = c.merchant_id AND a.purpose = 'owed'
) o ON true
WHERE c.merchant_id = %(merchant)s
ORDER BY c.person_id
