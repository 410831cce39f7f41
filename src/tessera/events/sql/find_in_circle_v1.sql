-- Purpose: find the guests of one circle whose words fit best: those who have everything that is asked for first, then
--   those who lack one thing, two, three.
-- Parameters: p_token, p_group: the tokens asked for and the group of each (1, 2, ... without gaps, at most 6); of a group
--   one is enough. p_pairs, p_bonus: tokens that put a guest further up (rules/words.py, Asked). p_hidden: persons who are
--   not to be found. p_limit: most rows.
-- Returns: person, number, prefix, how many groups he has, his score; best first, then by number.
-- Locks: none.
-- Index: events_circle_words (every token begins with the event's mark), events_arrival_of_person.
CREATE OR REPLACE FUNCTION events_find_in_circle_v1(
    p_event uuid, p_token text[], p_group int[], p_pairs text[], p_bonus text[], p_hidden uuid[], p_limit int
) RETURNS TABLE (person_id uuid, number int, prefix text, fits int, score int)
LANGUAGE plpgsql STABLE
-- a scan of all circles is never better than the index, whatever the statistics say of words they have not seen
SET enable_seqscan = off
AS $$
DECLARE
    asked text[] := '{}';
    points text;
    wanted text;
    groups int := coalesce((SELECT max(g) FROM unnest(p_group) g), 0);
    found int := 0;
    rows_here int;
BEGIN
    IF groups = 0 OR groups > 6 THEN RETURN; END IF;
    FOR k IN 1 .. groups LOOP
        asked := asked || format('p.words && %L::text[]', (SELECT array_agg(u.t) FROM unnest(p_token, p_group) AS u (t, g)
                                                            WHERE u.g = k)::text);
    END LOOP;
    SELECT string_agg(format('(%s)::int', a), ' + ') INTO points FROM unnest(asked) a;
    -- -1: all groups and something beside something else; then all groups, all but one, all but two, all but three
    FOR missing IN -1 .. least(groups - 1, 3) LOOP
        EXIT WHEN found >= p_limit;
        CONTINUE WHEN missing = -1 AND coalesce(cardinality(p_pairs), 0) = 0;
        SELECT string_agg('(' || part || ')', ' OR ') INTO wanted FROM (
            SELECT string_agg(asked[k], ' AND ') AS part
            FROM generate_series(0, (1 << groups) - 1) AS choice
            CROSS JOIN generate_series(1, groups) AS k
            WHERE choice & (1 << (k - 1)) <> 0
            GROUP BY choice HAVING count(*) = groups - greatest(missing, 0)
        ) parts;
        wanted := format('(%s)', wanted);
        IF missing = -1 THEN
            wanted := wanted || format(' AND p.words && %L::text[]', p_pairs::text);
        ELSIF missing = 0 THEN
            wanted := wanted || format(' AND NOT (p.words && %L::text[])', coalesce(p_pairs, '{}')::text);
        ELSE
            wanted := wanted || format(' AND (%s) = %s', points, groups - missing);
        END IF;
        -- NOT (<>): the words' index is to be used, not the key's
        RETURN QUERY EXECUTE format(
            'SELECT c.person_id, a.number, a.prefix, c.fits, c.score FROM ('
            '  SELECT p.person_id, (%1$s) AS fits, (%1$s) * 100 + 10 * (SELECT count(*) FROM unnest(p.words) w'
            '      WHERE w = ANY ($3))::int + (SELECT count(*) FROM unnest(p.words) w WHERE w = ANY ($4))::int AS score'
            '  FROM (SELECT * FROM events_circle_profile p WHERE %2$s AND NOT (p.event_id <> $1)'
            '        AND p.person_id <> ALL ($2) LIMIT 300) p'
            ') c JOIN LATERAL (SELECT a.number, a.prefix FROM events_arrival a WHERE a.person_id = c.person_id'
            '                  AND a.event_id = $1 OFFSET 0) a ON true'
            ' ORDER BY c.score DESC, a.number LIMIT $5', points, wanted)
        USING p_event, coalesce(p_hidden, '{}'), coalesce(p_pairs, '{}'), coalesce(p_bonus, '{}'), p_limit - found;
        GET DIAGNOSTICS rows_here = ROW_COUNT;
        found := found + rows_here;
    END LOOP;
END $$;
