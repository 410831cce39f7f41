"""Registers the room with Django."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The room `events`."""

    name = "tessera.events"
    label = "events"
