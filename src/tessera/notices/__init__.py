"""Notices: what the platform tells a person, in his language, in his inbox and through a delivery port.

Nouns: notice, template, port. Verbs: send, mark read, deliver. Promises: a notice is a row in the transaction of what
it tells about; delivering it comes later and can be repeated; logs show phone numbers masked.
"""
