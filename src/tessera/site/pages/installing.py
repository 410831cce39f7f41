"""What makes the pages an app: manifest, service worker, theme; and the pictures that people have uploaded."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.errors import NotFound
from tessera.kit.media import MEDIA_TYPE, find_picture
from tessera.kit.pages import go, safe_next
from tessera.kit.reader import reader_language
from tessera.site.assets import STATIC_DIR, build_mark

__all__ = ["SHELL", "manifest", "picture", "theme", "worker"]

SHELL = (
    "tessera/css/tokens.css",
    "tessera/css/base.css",
    "tessera/css/components.css",
    "tessera/js/app.js",
    "tessera/js/live.js",
    "tessera/js/arrival.js",
    "tessera/js/code.js",
    "tessera/js/device.js",
    "tessera/js/jotter.js",
    "tessera/js/kept.js",
    "tessera/js/ready.js",
    "tessera/js/tally.js",
    "tessera/icon.svg",
    "vendor/htmx/htmx.min.js",
    "vendor/uqr/uqr.mjs",
)
"""What the member's pages are made of: kept on the device, so that they open without a connection."""

_DOOR_PARTS = ("tessera/css/door.css", "tessera/js/scanner.js", "vendor/idb/index.js", "vendor/barcode-detector/*.js",
               "vendor/zxing-wasm/*.wasm", "tessera/js/door/*.js")  # fmt: skip
"""What an event's door is made of besides: kept on the devices that are its terminals."""

_THEMES = ("auto", "light", "dark")
_YEAR_S = 365 * 24 * 3600


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """Say how the app is called and looks when it is installed, in the reader's language."""
    told = {
        "id": "/wallet",
        "name": settings.TESSERA_OPERATOR_NAME,
        "short_name": settings.TESSERA_OPERATOR_NAME,
        "description": _("Points, receipts and your member code in one place."),
        "lang": reader_language(),
        "start_url": "/wallet",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fcfbf8",
        "theme_color": "#fcfbf8",
        "icons": [
            {"src": static(f"tessera/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ],
        "shortcuts": [
            {"name": _("Member code"), "url": "/code"},
            {"name": _("Wallet"), "url": "/wallet"},
            {"name": _("Shops"), "url": "/shops"},
        ],
    }
    response = JsonResponse(told, content_type="application/manifest+json")
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Give the service worker of this build; it looks after the whole site."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


@cache
def _worker() -> str:
    shell = [static(name) for name in SHELL if (STATIC_DIR / name).is_file()]
    written = Path(STATIC_DIR, "tessera/js/sw.js").read_text(encoding="utf-8")
    found = [path for part in _DOOR_PARTS for path in sorted(STATIC_DIR.glob(part))]
    door = [*shell, *(static(path.relative_to(STATIC_DIR).as_posix()) for path in found)]
    names = {"BUILD": build_mark(), "SHELL": shell, "DOOR": door}
    build = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in names.items())
    parts = [static(f"tessera/js/{name}-worker.js") for name in ("push", "door")]
    return build + f"importScripts(...{json.dumps(parts)});\n" + written


@require_safe
def picture(_request: HttpRequest, name: str, size: int) -> HttpResponse:
    """Show an uploaded picture; its name is never used again, so browsers may keep it."""
    place = find_picture(name, size)
    if place is None:
        raise NotFound
    response = HttpResponse(place.read_bytes(), content_type=MEDIA_TYPE)
    response["Cache-Control"] = f"private, max-age={_YEAR_S}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember in a cookie whether pages are light, dark, or as the device is; return to where the reader was."""
    chosen = request.POST.get("theme", "auto")
    response = go(request, safe_next(request, "/"))
    if chosen in _THEMES[1:]:
        response.set_cookie(
            "theme", chosen, max_age=_YEAR_S, samesite="Lax", secure=settings.TESSERA_HTTPS, httponly=True
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
