"""Registers the room with Django."""

from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    """The room `merchants`."""

    name = "tessera.merchants"
    label = "merchants"
