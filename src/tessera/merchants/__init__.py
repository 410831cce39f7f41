"""Merchants: who may issue points, where their stores are, who works there, which keys their machines hold.

Nouns: merchant, approval, suspension, store, employment, API key, customer, customer number. Verbs: open, approve,
suspend, reinstate, employ, dismiss, issue a key, revoke it, enrol a customer. Promises: a merchant is active while it
has an approval and no open suspension; a key opens one merchant only; a secret is shown once and never kept.
"""
