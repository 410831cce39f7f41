"""Writes of the room `catalog`."""
