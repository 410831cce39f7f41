"""Registers the room with Django."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """The room `insights`."""

    name = "tessera.insights"
    label = "insights"
