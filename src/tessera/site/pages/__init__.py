"""Pages of the room `site`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.site.pages import installing

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("sw.js", installing.worker, name="worker"),
    path("media/<str:name>-<int:size>.webp", installing.picture, name="picture"),
    path("theme", installing.theme, name="theme"),
]
