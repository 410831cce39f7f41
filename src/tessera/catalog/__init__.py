"""Catalog: what merchants sell, under which numbers, in which categories, at which prices.

Nouns: product, category, price. Verbs: list a product, change it, withdraw it, set its price. Promises: a merchant's
own article number (SKU) is unique as written, case included; a GTIN is kept as 14 digits with its check digit right;
prices are rows, so that yesterday's price can still be told.
"""
