"""Writes of the room `merchants`."""
