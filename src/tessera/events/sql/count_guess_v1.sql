-- Purpose: count one wrong code (or an unknown number) and lock what has had too many, until a supervisor unlocks.
-- Parameters: p_typed: "phone:+86..." or "tail:0001" whose code was wrong, NULL for a number that nobody has; p_terminal: where;
--   p_most: wrong codes until the lock, of a number within an hour, at a terminal and at the event within ten minutes.
-- Returns: how many tries this number has left (of an unknown one: -1).
-- Locks: the rows of events_guess, number before terminal before event.
-- Index: primary key.
CREATE OR REPLACE FUNCTION events_count_guess_v1(p_now timestamptz, p_event uuid, p_typed text, p_terminal text, p_most int[])
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    tries_left int := -1;
    counted int;
BEGIN
    IF p_typed IS NOT NULL THEN
        INSERT INTO events_guess AS g (event_id, kind, subject, wrong, since, locked_at)
        VALUES (p_event, 'phone', p_typed, 1, p_now, CASE WHEN 1 >= p_most[1] THEN p_now END)
        ON CONFLICT (event_id, kind, subject) DO UPDATE SET
            wrong = CASE WHEN g.since < p_now - interval '1 hour' THEN 1 ELSE g.wrong + 1 END,
            since = CASE WHEN g.since < p_now - interval '1 hour' THEN p_now ELSE g.since END,
            locked_at = CASE WHEN g.since >= p_now - interval '1 hour' AND g.wrong + 1 >= p_most[1] THEN p_now END
        RETURNING g.wrong INTO counted;
        tries_left := p_most[1] - counted;
    END IF;
    INSERT INTO events_guess AS g (event_id, kind, subject, wrong, since)
    VALUES (p_event, 'terminal', p_terminal, 1, p_now)
    ON CONFLICT (event_id, kind, subject) DO UPDATE SET
        wrong = CASE WHEN g.since < p_now - interval '10 minutes' THEN 1 ELSE g.wrong + 1 END,
        since = CASE WHEN g.since < p_now - interval '10 minutes' THEN p_now ELSE g.since END,
        locked_at = CASE WHEN g.since >= p_now - interval '10 minutes' AND g.wrong + 1 >= p_most[2] THEN p_now END;
    INSERT INTO events_guess AS g (event_id, kind, subject, wrong, since)
    VALUES (p_event, 'event', '', 1, p_now)
    ON CONFLICT (event_id, kind, subject) DO UPDATE SET
        wrong = CASE WHEN g.since < p_now - interval '10 minutes' THEN 1 ELSE g.wrong + 1 END,
        since = CASE WHEN g.since < p_now - interval '10 minutes' THEN p_now ELSE g.since END,
        locked_at = CASE WHEN g.since >= p_now - interval '10 minutes'
            AND g.wrong + 1 >= p_most[3] + coalesce((SELECT s.taken FROM events_seats s WHERE s.event_id = p_event), 0) / 10
            THEN p_now END;
    RETURN tries_left;
END $$;
