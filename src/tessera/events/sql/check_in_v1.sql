-- Purpose: check a batch of guests in (or only look), one after another; give numbers in order of arrival.
-- Parameters: arrays of the same length, one place a command; see rules/door.py, CheckIn. p_now: the moment of the batch.
--   p_most: wrong codes until a lock, of a phone number, at a terminal, at the event.
-- Returns: a row for each command: its place, the verdict, and what the verdict needs to be told.
--   'arrived', 'may_enter', or why not: 'already_arrived', 'door_code_wrong', 'guesses_locked', 'other_event', ...
-- Locks: events_numbering of the events where somebody is to enter, in order of id, until commit: whoever gives or voids a
--   number of an event holds that row. Then events_guess of wrong codes.
-- Index: events_registration by ticket, phone, phone_tail; primary keys. Plans made on empty tables stay right: no scans, and
--   no second index of arrivals begins with the event.
CREATE OR REPLACE FUNCTION events_check_in_v1(
    p_now timestamptz, p_event uuid[], p_merchant uuid[], p_owner uuid[], p_request text[], p_digest bytea[],
    p_by text[], p_given text[], p_code text[], p_registration uuid[], p_confirm boolean[], p_at timestamptz[],
    p_number int[], p_door text[], p_terminal uuid[], p_printer uuid[], p_actor text[], p_most int[]
) RETURNS TABLE (
    place int, verdict text, registration_id uuid, person_id uuid, name text, picture text, guest_group text,
    number int, prefix text, width int, arrived_at timestamptz, door text, void_number int, detail text, repeated boolean
) LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    ev uuid;
    event_row events_event%ROWTYPE;
    is_published boolean;
    is_cancelled boolean;
    run events_numbering%ROWTYPE;
    has_aside boolean;
    given_here int := 0;
    guest events_registration%ROWTYPE;
    here events_arrival%ROWTYPE;
    kept record;
    matches int;
    old_number int;
    terminal_ok uuid;
    held_from timestamptz;
    moment timestamptz;
    before events_numbering%ROWTYPE;
    refused text;
    is_here boolean;
    own_fits boolean;
    typed text;
    tries int;
BEGIN
    PERFORM 1 FROM events_numbering n
    WHERE n.event_id IN (SELECT u.e FROM unnest(p_event, p_confirm) AS u (e, c) WHERE u.c)
    ORDER BY n.event_id FOR UPDATE;

    FOR i IN 1 .. coalesce(array_length(p_event, 1), 0) LOOP
        place := i; verdict := NULL; registration_id := NULL; person_id := NULL; name := NULL; picture := NULL;
        guest_group := NULL; number := NULL; prefix := NULL; arrived_at := NULL; door := NULL; void_number := NULL;
        detail := NULL; repeated := false; typed := NULL;

        IF ev IS DISTINCT FROM p_event[i] THEN
            IF given_here > 0 THEN
                UPDATE events_numbering n SET next_number = run.next_number, run_end = run.run_end,
                    next_block = run.next_block, arrived = n.arrived + given_here WHERE n.event_id = ev;
                given_here := 0;
            END IF;
            ev := p_event[i];
            SELECT * INTO event_row FROM events_event e WHERE e.id = ev;
            is_published := EXISTS (SELECT 1 FROM events_publication p WHERE p.event_id = ev);
            is_cancelled := EXISTS (SELECT 1 FROM events_cancellation c WHERE c.event_id = ev);
            SELECT * INTO run FROM events_numbering n WHERE n.event_id = ev;
            has_aside := EXISTS (SELECT 1 FROM events_number_set_aside s
                                 WHERE s.event_id = ev AND s.number >= run.next_number);
        END IF;
        width := event_row.number_width;

        IF event_row.id IS NULL OR (p_merchant[i] IS NOT NULL AND event_row.merchant_id IS DISTINCT FROM p_merchant[i]) THEN
            verdict := 'not_found'; RETURN NEXT; CONTINUE;
        END IF;

        IF p_terminal[i] IS NOT NULL AND terminal_ok IS DISTINCT FROM p_terminal[i] THEN
            IF NOT EXISTS (SELECT 1 FROM events_terminal t
                           WHERE t.id = p_terminal[i] AND t.event_id = ev AND t.revoked_at IS NULL) THEN
                verdict := 'terminal_revoked'; RETURN NEXT; CONTINUE;
            END IF;
            terminal_ok := p_terminal[i];
        END IF;

        -- what was answered before under this request id is answered again
        IF p_request[i] IS NOT NULL AND p_confirm[i] THEN
            SELECT r.digest, r.answer INTO kept FROM kit_request r
            WHERE r.owner_id = p_owner[i] AND r.request_id = p_request[i];
            IF FOUND AND kept.digest <> p_digest[i] THEN
                verdict := 'id_reused'; detail := p_request[i]; RETURN NEXT; CONTINUE;
            ELSIF FOUND THEN
                SELECT * INTO guest FROM events_registration r
                WHERE r.event_id = ev AND r.id = encode(substring(kept.answer FROM 1 FOR 16), 'hex')::uuid;
                SELECT * INTO here FROM events_arrival a WHERE a.event_id = ev AND a.registration_id = guest.id;
                verdict := 'arrived'; repeated := true;
                registration_id := guest.id; person_id := guest.person_id; name := guest.name; picture := guest.picture;
                guest_group := guest.group;
                number := ('x' || encode(substring(kept.answer FROM 17 FOR 4), 'hex'))::bit(32)::int;
                void_number := nullif(('x' || encode(substring(kept.answer FROM 21 FOR 4), 'hex'))::bit(32)::int, -1);
                prefix := here.prefix; arrived_at := coalesce(here.arrived_at, p_now); door := coalesce(here.door, '');
                RETURN NEXT; CONTINUE;
            END IF;
        END IF;

        verdict := CASE WHEN NOT is_published THEN 'event_not_published'
            WHEN is_cancelled AND p_number[i] IS NULL THEN 'event_cancelled'
            WHEN p_now > event_row.ends_at + interval '12 hours' AND p_number[i] IS NULL THEN 'event_over' END;
        IF verdict IS NOT NULL THEN RETURN NEXT; CONTINUE; END IF;

        -- who is it
        IF p_by[i] = 'ticket' THEN
            SELECT * INTO guest FROM events_registration r WHERE r.event_id = ev AND r.ticket = p_given[i];
            IF NOT FOUND THEN
                SELECT e.title INTO detail FROM events_registration r JOIN events_event e ON e.id = r.event_id
                WHERE r.ticket = p_given[i] LIMIT 1;
                verdict := CASE WHEN FOUND THEN 'other_event' ELSE 'ticket_unknown' END;
                RETURN NEXT; CONTINUE;
            END IF;
        ELSIF p_by[i] = 'guest' THEN
            SELECT * INTO guest FROM events_registration r WHERE r.event_id = ev AND r.id = p_registration[i];
            IF NOT FOUND THEN verdict := 'guest_unknown'; RETURN NEXT; CONTINUE; END IF;
        ELSE
            typed := p_by[i] || ':' || p_given[i];
            SELECT g.kind INTO detail FROM events_guess g
            WHERE g.event_id = ev AND g.locked_at IS NOT NULL AND (g.kind, g.subject) IN
                (('phone', typed), ('terminal', coalesce(p_terminal[i], p_owner[i])::text), ('event', ''))
            LIMIT 1;
            IF FOUND THEN verdict := 'guesses_locked'; RETURN NEXT; CONTINUE; END IF;
            IF p_by[i] = 'phone' THEN
                SELECT * INTO guest FROM events_registration r WHERE r.event_id = ev AND r.phone = p_given[i];
                IF NOT FOUND THEN verdict := 'guest_unknown';
                ELSIF guest.code <> '' AND guest.code <> p_code[i] THEN verdict := 'door_code_wrong'; END IF;
            ELSE
                SELECT count(*) INTO matches FROM events_registration r
                WHERE r.event_id = ev AND r.phone_tail = p_given[i] AND r.code = p_code[i] AND r.code <> '';
                IF matches = 1 THEN
                    SELECT * INTO guest FROM events_registration r
                    WHERE r.event_id = ev AND r.phone_tail = p_given[i] AND r.code = p_code[i] AND r.code <> '';
                ELSIF matches > 1 THEN
                    verdict := 'guest_ambiguous'; RETURN NEXT; CONTINUE;
                ELSIF EXISTS (SELECT 1 FROM events_registration r WHERE r.event_id = ev AND r.phone_tail = p_given[i]) THEN
                    verdict := 'door_code_wrong';
                ELSE
                    verdict := 'guest_unknown';
                END IF;
            END IF;
            IF verdict IS NOT NULL THEN
                tries := events_count_guess_v1(p_now, ev, CASE WHEN verdict = 'door_code_wrong' THEN typed END,
                                               coalesce(p_terminal[i], p_owner[i])::text, p_most);
                detail := greatest(tries, 0)::text;
                RETURN NEXT; CONTINUE;
            END IF;
        END IF;

        registration_id := guest.id; person_id := guest.person_id; name := guest.name; picture := guest.picture;
        guest_group := guest.group;

        -- may he enter; whether he has arrived is asked afterwards, where that matters
        refused := CASE
            WHEN guest.state <> 'accepted' THEN 'registration_' || guest.state
            WHEN coalesce(p_at[i], p_now) < event_row.doors_at AND p_number[i] IS NULL THEN 'door_not_open'
            WHEN NOT p_confirm[i] THEN 'may_enter' END;
        is_here := false;
        IF p_number[i] IS NOT NULL THEN
            -- does the terminal hold this number, and has nobody had it; planned anew, as below
            EXECUTE 'SELECT EXISTS (SELECT 1 FROM events_lease WHERE event_id = $1 AND terminal_id = $2
                                    AND $3 BETWEEN first_number AND last_number)
                     AND NOT EXISTS (SELECT 1 FROM events_arrival WHERE event_id = $1 AND number = $3)
                     AND NOT EXISTS (SELECT 1 FROM events_number_set_aside WHERE event_id = $1 AND number = $3),
                     coalesce((SELECT at FROM events_lease WHERE event_id = $1 AND terminal_id = $2
                               AND $3 BETWEEN first_number AND last_number),
                              (SELECT made_at FROM events_terminal WHERE id = $2))'
                INTO own_fits, held_from USING ev, p_terminal[i], p_number[i];
            -- nobody got the number before the terminal had it, or later than now, whatever its clock says
            moment := greatest(least(p_at[i], p_now), held_from);
        END IF;
        IF refused IS NULL THEN
            -- a number: the terminal's own, or the next of the run
            before := run;
            IF p_number[i] IS NOT NULL THEN
                IF own_fits THEN
                    number := p_number[i];
                ELSE
                    void_number := p_number[i];
                END IF;
            END IF;
            IF number IS NULL THEN
                LOOP
                    IF run.next_number >= run.run_end THEN
                        run.next_number := run.next_block;
                        run.run_end := run.next_block + 1000;
                        run.next_block := run.run_end;
                    END IF;
                    number := run.next_number;
                    run.next_number := run.next_number + 1;
                    EXIT WHEN NOT has_aside OR NOT EXISTS (SELECT 1 FROM events_number_set_aside s
                                                           WHERE s.event_id = ev AND s.number = run.next_number - 1);
                END LOOP;
            END IF;
            prefix := coalesce(event_row.prefixes ->> guest.group, '');
            arrived_at := CASE WHEN p_number[i] IS NULL THEN coalesce(least(p_at[i], p_now), p_now) ELSE moment END;
            INSERT INTO events_arrival (event_id, registration_id, person_id, number, prefix, arrived_at, recorded_at, door,
                                        terminal_id, offline, corrected, actor)
            VALUES (ev, guest.id, guest.person_id, number, prefix, arrived_at, p_now, p_door[i], p_terminal[i],
                    p_number[i] IS NOT NULL, false, p_actor[i])
            ON CONFLICT ON CONSTRAINT events_arrival_pkey DO NOTHING;
            is_here := NOT FOUND;
        END IF;
        IF is_here OR refused IS NOT NULL THEN
            -- planned anew each time: a plan made while the table was empty may take any index of it
            EXECUTE 'SELECT * FROM events_arrival WHERE event_id = $1 AND registration_id = $2'
                INTO here USING ev, guest.id;
            is_here := here.number IS NOT NULL;
        END IF;
        IF is_here THEN
            IF refused IS NULL THEN
                run := before; number := NULL; prefix := NULL; arrived_at := NULL; void_number := NULL;
            END IF;
            verdict := 'already_arrived'; detail := event_row.time_zone;
            IF refused IS NULL AND p_number[i] <> here.number AND own_fits THEN
                -- a second door: the first one by the doors' time keeps its number, the other number is void
                IF moment < here.arrived_at AND NOT here.corrected THEN
                    old_number := here.number;
                    INSERT INTO events_undone_arrival (event_id, id, registration_id, person_id, number, arrived_at, door,
                                                       terminal_id, why, reason, at, actor)
                    VALUES (ev, gen_random_uuid(), guest.id, guest.person_id, old_number, here.arrived_at, here.door,
                            here.terminal_id, 'second_door', '', p_now, p_actor[i]);
                    UPDATE events_arrival a SET number = p_number[i], arrived_at = moment, recorded_at = p_now,
                        door = p_door[i], terminal_id = p_terminal[i], offline = true, actor = p_actor[i]
                    WHERE a.event_id = ev AND a.registration_id = guest.id
                    RETURNING * INTO here;
                    verdict := 'arrived';
                ELSE
                    old_number := p_number[i];
                    INSERT INTO events_undone_arrival (event_id, id, registration_id, person_id, number, arrived_at, door,
                                                       terminal_id, why, reason, at, actor)
                    VALUES (ev, gen_random_uuid(), guest.id, guest.person_id, old_number, moment, p_door[i],
                            p_terminal[i], 'second_door', '', p_now, p_actor[i]);
                END IF;
                INSERT INTO events_number_set_aside (event_id, number, kind, registration_id, at, actor)
                VALUES (ev, old_number, 'void', guest.id, p_now, p_actor[i]);
                has_aside := true;
                void_number := old_number;
            ELSIF p_number[i] IS NOT NULL AND p_number[i] = here.number THEN
                verdict := 'arrived'; repeated := true;
            ELSIF p_number[i] IS NOT NULL THEN
                void_number := p_number[i];
            END IF;
            number := here.number; prefix := here.prefix; arrived_at := here.arrived_at; door := here.door;
            IF verdict = 'arrived' AND p_request[i] IS NOT NULL THEN
                INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
                VALUES (p_owner[i], p_request[i], p_digest[i], 201,
                        uuid_send(guest.id) || int4send(number) || int4send(coalesce(void_number, -1)), p_now);
            END IF;
            RETURN NEXT; CONTINUE;
        END IF;

        IF refused IS NOT NULL THEN
            verdict := refused;
            IF refused = 'door_not_open' THEN
                arrived_at := event_row.doors_at; detail := event_row.time_zone;
            END IF;
            RETURN NEXT; CONTINUE;
        END IF;
        given_here := given_here + 1;
        door := p_door[i];
        verdict := 'arrived';
        IF p_printer[i] IS NOT NULL THEN
            INSERT INTO events_print_job (event_id, id, registration_id, printer_id, number, asked_at, asked_by, due_at)
            VALUES (ev, gen_random_uuid(), guest.id, p_printer[i], number, p_now, p_actor[i], p_now);
        END IF;
        IF p_request[i] IS NOT NULL THEN
            INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)
            VALUES (p_owner[i], p_request[i], p_digest[i], 201,
                    uuid_send(guest.id) || int4send(number) || int4send(coalesce(void_number, -1)), p_now);
        END IF;
        RETURN NEXT;
    END LOOP;
    IF given_here > 0 THEN
        UPDATE events_numbering n SET next_number = run.next_number, run_end = run.run_end,
            next_block = run.next_block, arrived = n.arrived + given_here WHERE n.event_id = ev;
    END IF;
END $$;
