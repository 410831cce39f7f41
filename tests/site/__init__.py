"""Tests of the room `site`."""  # noqa: A005 - the room has this name
