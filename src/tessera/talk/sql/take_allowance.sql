-- Purpose: take one of a person's unanswered requests in a circle; no row where as many as `cap` wait already.
-- Parameters: circle (uuid), person (uuid), cap (integer, 0 or more).
-- Locks: the person's row of talk_allowance, the last that anybody takes here.
-- Index: primary key of talk_allowance.
INSERT INTO talk_allowance AS held (circle_id, person_id, unanswered)
SELECT %(circle)s, %(person)s, 1 WHERE %(cap)s >= 1
ON CONFLICT (circle_id, person_id) DO UPDATE SET unanswered = held.unanswered + 1
WHERE held.unanswered < %(cap)s
RETURNING unanswered
