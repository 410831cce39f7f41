-- Purpose: accepted guests of one event for a benchmark: members first to last, each with a ticket "tag-number".
-- Parameters: named: event, tag, first and last number, moment.
-- Locks: only rows it adds.
-- Index: people_person by phone.
INSERT INTO events_registration (event_id, id, person_id, state, phone, phone_tail, name, picture, "group", answers, code,
                                 ticket, walk_in, source, registered_at, decided_at, text_version)
SELECT %(event)s, ledger_uuid7(), p.id, 'accepted', p.phone, right(p.phone, 4), 'Guest ' || n, '', '', '{}',
       lpad((n * 7919 %% 1000000)::text, 6, '0'), %(tag)s || '-' || n, false, 'bench', %(now)s, %(now)s, '1'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
JOIN people_person p ON p.phone = '+86100' || lpad(n::text, 8, '0')
