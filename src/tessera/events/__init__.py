"""Events: from sign-up online to a number on the chest to a talk (spec/events.md).

Nouns: event, question, registration, decision, waitlist, ticket, code, crew, terminal, arrival, number, lease, badge,
printer, circle, profile, jotting, correction. Verbs: publish, register, review, check in, undo, print, look up, jot, correct,
close. Promises: capacity and numbers are exact under concurrency; a number is given in the transaction of its arrival, in
order, and never to two people; what a terminal recorded without a network arrives exactly once.
"""
