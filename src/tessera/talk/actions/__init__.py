"""Writes of the room `talk`."""
