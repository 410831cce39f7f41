-- Purpose: how many requests, agreements, messages and reports a circle has seen, and how many people talked with how many.
-- Parameters: circle (uuid).
-- Locks: none.
-- Index: primary keys of talk_conversation, talk_message and talk_report, which begin with the circle.
WITH conversation AS MATERIALIZED (
    SELECT low_id, high_id, answer FROM talk_conversation WHERE circle_id = %(circle)s
), partner AS (
    SELECT person_id, count(*) AS partners
    FROM (
        SELECT low_id AS person_id FROM conversation WHERE answer = 'accepted'
        UNION ALL
        SELECT high_id FROM conversation WHERE answer = 'accepted'
    ) sides
    GROUP BY person_id
), people AS (
    SELECT partners, count(*) AS people FROM partner GROUP BY partners
)
SELECT (SELECT count(*) FROM conversation),
       (SELECT count(*) FROM conversation WHERE answer = 'accepted'),
       (SELECT count(*) FROM conversation WHERE answer = 'declined'),
       (SELECT count(*) FROM talk_message WHERE circle_id = %(circle)s),
       (SELECT count(*) FROM talk_report WHERE circle_id = %(circle)s),
       (SELECT coalesce(array_agg(partners ORDER BY partners), '{}') FROM people),
       (SELECT coalesce(array_agg(people ORDER BY partners), '{}') FROM people)
