"""Signing in and out."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.pages import go, page

__all__ = ["sign_in", "sign_out"]


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone number."""
    return page(request, "people/sign_in.html")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out on this device."""
    logout(request)
    return go(request, "/")
