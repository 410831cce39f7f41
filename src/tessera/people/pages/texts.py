"""Terms of use and privacy notice: what a member agrees to, in both languages, with the version that consents name."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tessera.kit.pages import page
from tessera.people.rules import TEXT_VERSION

__all__ = ["privacy", "terms"]


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms of use."""
    return page(request, "people/terms.html", {"version": TEXT_VERSION})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice."""
    return page(request, "people/privacy_notice.html", {"version": TEXT_VERSION})
