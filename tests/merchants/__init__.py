"""Tests of the room `merchants`."""
