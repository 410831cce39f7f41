"""Writes of the room `points`."""
