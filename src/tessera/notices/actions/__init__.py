"""Writes of the room `notices`."""
