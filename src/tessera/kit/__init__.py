"""Tools that know no domain.

Promises: ids that sort by time, integers for everything that is counted, refusals that explain themselves,
writes that happen once per request id, an audit trail, news that leaves with its transaction, and natural group commit.
"""
