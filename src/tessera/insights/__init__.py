"""Counts for people who run a shop: points by day, what is owed to members, what sells, and when.

Promises: read only, never a wait for anybody: every count is bounded by a range of at most 400 merchant-local days and
reads through the indexes that are there. Nouns: day, hour, product. Verbs: count. Source: spec/points.md, spec/ledger.md.
"""
