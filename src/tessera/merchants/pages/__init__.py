"""Pages of the room `merchants`: parse, one action or query, render."""

from django.urls import URLPattern

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = []
