"""Registers the room with Django."""

from django.apps import AppConfig


class PointsConfig(AppConfig):
    """The room `points`."""

    name = "tessera.points"
    label = "points"
