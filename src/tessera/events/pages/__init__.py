"""Addresses of the room `events`; each slice keeps its own list."""

from django.urls import URLPattern

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = []
