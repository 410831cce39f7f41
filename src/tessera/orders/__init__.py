"""Purchases and returns: where baskets become points.

Promises: a receipt has effect once per merchant, whoever sends it and by whichever door; every point on it can be
explained; a return takes back exactly the points that the kept basket would not have earned. Nouns: purchase, line,
receipt, return, match, import. Verbs: record a purchase, record a return, import a file. Source: spec/points.md, Earning.
"""
