"""Addresses of the room `events`; each slice keeps its own list."""

from django.urls import URLPattern

from tessera.events.pages import (
    badges,
    board,
    circle,
    circle_own,
    circle_terms,
    clashes,
    corrections,
    crew,
    door,
    door_badges,
    exports,
    printers,
    publishing,
    registering,
    registration,
    registrations,
    reviewing,
    talks,
    talks_moderation,
    tickets,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    *registering.urlpatterns,
    *tickets.urlpatterns,
    *registrations.urlpatterns,
    *registration.urlpatterns,
    *reviewing.urlpatterns,
    *publishing.urlpatterns,
    *board.urlpatterns,
    *talks.urlpatterns,
    *talks_moderation.urlpatterns,
    *circle.urlpatterns,
    *circle_own.urlpatterns,
    *circle_terms.urlpatterns,
    *clashes.urlpatterns,
    *corrections.urlpatterns,
    *crew.urlpatterns,
    *exports.urlpatterns,
    *door.urlpatterns,
    *badges.urlpatterns,
    *printers.urlpatterns,
    *door_badges.urlpatterns,
]
