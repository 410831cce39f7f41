"""Writes of the room `events`."""
