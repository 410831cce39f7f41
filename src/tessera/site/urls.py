"""Addresses: every room's pages and the API."""

from django.urls import URLPattern, URLResolver, include, path

import tessera.catalog.pages
import tessera.events.pages
import tessera.insights.pages
import tessera.merchants.pages
import tessera.notices.pages
import tessera.orders.pages
import tessera.people.pages
import tessera.points.pages
import tessera.site.pages
from tessera.site import views
from tessera.site.api import api

__all__ = ["handler404", "handler500", "urlpatterns"]

PAGES: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("language", views.language, name="language"),
    path("offline", views.offline, name="offline"),
    path("live/token", views.live_token, name="live-token"),
    path("csp-reports", views.csp_report, name="csp-reports"),
    path("demo/sign-in/<str:role>", views.step_in, name="demo-sign-in"),
    path("", include(tessera.people.pages.urlpatterns)),
    path("", include(tessera.notices.pages.urlpatterns)),
    path("", include(tessera.merchants.pages.urlpatterns)),
    path("", include(tessera.catalog.pages.urlpatterns)),
    path("", include(tessera.points.pages.urlpatterns)),
    path("", include(tessera.events.pages.urlpatterns)),
    path("", include(tessera.orders.pages.urlpatterns)),
    path("", include(tessera.insights.pages.urlpatterns)),
    path("", include(tessera.site.pages.urlpatterns)),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *PAGES,
    path("healthz", views.health, name="health"),
    path("api/v1/", api.urls),
]
handler404 = "tessera.site.views.not_found"
handler500 = "tessera.site.views.fault"
