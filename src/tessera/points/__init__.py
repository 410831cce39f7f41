"""Earning points: rules in versions, what a basket earns under them and why, pending, unclaimed and expiring points.

Nouns: earning rule, version, programme, rule book, accrual, cap. Verbs: publish, end, evaluate, explain, join a
customer number, activate, expire, warn. Promises: what was published is never changed, so a purchase earns today what
it earned when it was made; every point is explained by a rule version (spec/points.md, Earning).
"""
