"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from tessera.site import views
from tessera.site.api import api

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("healthz", views.health, name="health"),
    path("api/v1/", api.urls),
]
handler404 = "tessera.site.views.not_found"
handler500 = "tessera.site.views.fault"
