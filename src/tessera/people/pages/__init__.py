"""Pages of the room `people`: signing in and out, one's own data, devices."""

from django.urls import URLPattern, path

from tessera.people.pages import signing

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("sign-in", signing.sign_in, name="sign-in"),
    path("sign-out", signing.sign_out, name="sign-out"),
]
