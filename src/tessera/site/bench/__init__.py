"""Measures Tessera beside pgbench on a PostgreSQL of its own (`tessera bench`)."""
