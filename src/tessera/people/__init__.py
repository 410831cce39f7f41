"""Persons: one row per human being, known by phone number (E.164) or only by a merchant's own customer number.

Nouns: person, registration, consent, role, joining, erasure. Verbs: open, register, describe, consent, join, erase, export.
Promises: consent is a record, never a flag; a phone number belongs to one person; erasing takes away what names a
person and keeps the ids on which the ledger stands (spec/README.md, rule 7).
"""
