"""The double-entry ledger: the only room that changes a balance.

Promises: every credit has its debit, every request id has effect once, no member's balance is ever below zero, and
nothing that was written is changed. Nouns: unit, account, transfer, entry, lot, digest. Verbs: open a unit, post
transfers, activate lots, close a day, audit. Source: spec/ledger.md.
"""
