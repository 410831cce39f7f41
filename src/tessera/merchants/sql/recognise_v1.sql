-- Purpose: who is meant by a person's id, a phone number or a merchant's own customer number; unknown phones and
--   numbers become persons who have not registered (spec/points.md, Identity).
-- Parameters: parallel arrays: merchant, kind ('person', 'phone', 'number'), value, a fresh id for a new person; p_now.
-- Locks: only rows it adds, in the order of their values; a racer's row is waited for and then found.
-- Index: people_person phone and primary key; merchants_customer_number and merchants_customer primary keys.
CREATE OR REPLACE FUNCTION merchants_known_v1(p_merchant uuid[], p_kind text[], p_value text[])
RETURNS TABLE (n bigint, person_id uuid, registered boolean, level text, birthday date) LANGUAGE sql STABLE AS $$
    SELECT i.n, p.id, p.registered_at IS NOT NULL OR p.phone IS NULL OR i.kind = 'number', c.level, p.birthday
    FROM unnest(p_merchant, p_kind, p_value) WITH ORDINALITY AS i (merchant_id, kind, value, n)
    LEFT JOIN LATERAL (
        SELECT k.person_id FROM merchants_customer_number k
        WHERE i.kind = 'number' AND k.merchant_id = i.merchant_id AND k.number = i.value
        UNION ALL
        SELECT h.id FROM people_person h WHERE i.kind = 'phone' AND h.phone = i.value
        UNION ALL
        SELECT coalesce(
            (SELECT j.into_person_id FROM people_joining j WHERE j.from_person_id = i.value::uuid), i.value::uuid)
        WHERE i.kind = 'person'
        OFFSET 0) f ON true
    LEFT JOIN LATERAL (
        SELECT q.id, q.phone, q.registered_at, q.birthday FROM people_person q
        WHERE q.id = f.person_id AND q.erased_at IS NULL OFFSET 0) p ON true
    LEFT JOIN LATERAL (
        SELECT m.level FROM merchants_customer m
        WHERE m.merchant_id = i.merchant_id AND m.person_id = p.id OFFSET 0) c ON true
    ORDER BY i.n;
$$;

CREATE OR REPLACE FUNCTION merchants_recognise_v1(
    p_merchant uuid[], p_kind text[], p_value text[], p_fresh uuid[], p_now timestamptz
) RETURNS TABLE (n bigint, person_id uuid, registered boolean, level text, birthday date)
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM merchants_known_v1(p_merchant, p_kind, p_value) k WHERE k.person_id IS NULL OR k.level IS NULL) THEN
        RETURN QUERY SELECT * FROM merchants_known_v1(p_merchant, p_kind, p_value);
        RETURN;
    END IF;
    INSERT INTO people_person (id, phone, created_at)
    SELECT DISTINCT ON (i.value) i.fresh, i.value, p_now
    FROM unnest(p_kind, p_value, p_fresh) AS i (kind, value, fresh)
    LEFT JOIN LATERAL (SELECT true AS found FROM people_person h WHERE h.phone = i.value OFFSET 0) h ON true
    WHERE i.kind = 'phone' AND h.found IS NULL
    ORDER BY i.value
    ON CONFLICT (phone) DO NOTHING;

    WITH numbered AS (
        INSERT INTO merchants_customer_number AS c (merchant_id, number, person_id)
        SELECT DISTINCT ON (i.merchant_id, i.value) i.merchant_id, i.value, i.fresh
        FROM unnest(p_merchant, p_kind, p_value, p_fresh) AS i (merchant_id, kind, value, fresh)
        LEFT JOIN LATERAL (
            SELECT true AS found FROM merchants_customer_number k
            WHERE k.merchant_id = i.merchant_id AND k.number = i.value OFFSET 0) k ON true
        WHERE i.kind = 'number' AND k.found IS NULL
        ORDER BY i.merchant_id, i.value
        ON CONFLICT (merchant_id, number) DO NOTHING
        RETURNING c.person_id
    )
    INSERT INTO people_person (id, created_at) SELECT d.person_id, p_now FROM numbered d;

    INSERT INTO merchants_customer (merchant_id, person_id, joined_at, phone_given)
    SELECT DISTINCT ON (p_merchant[k.n], k.person_id) p_merchant[k.n], k.person_id, p_now, p_kind[k.n] = 'phone'
    FROM merchants_known_v1(p_merchant, p_kind, p_value) k
    WHERE k.person_id IS NOT NULL AND k.level IS NULL
    ORDER BY p_merchant[k.n], k.person_id
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT * FROM merchants_known_v1(p_merchant, p_kind, p_value);
END $$;
