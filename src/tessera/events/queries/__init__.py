"""Reads of the room `events`, a file for each step."""
