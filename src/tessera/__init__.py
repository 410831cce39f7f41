"""Tessera 合符: an O2O membership platform on a double-entry ledger."""

__version__ = "0.1.0"
