"""Registers the room with Django."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    """The room `kit`."""

    name = "tessera.kit"
    label = "kit"
