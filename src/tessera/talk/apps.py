"""Registers the room with Django."""

from django.apps import AppConfig


class TalkConfig(AppConfig):
    """The room `talk`."""

    name = "tessera.talk"
    label = "talk"
