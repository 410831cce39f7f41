"""Who gets what at the circle's addresses: the member has arrived with number 1, nobody else of the cast is a guest."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.page_doors import PageDoor, everyone, signed, staff


def _picture(_cast: Any) -> dict[str, Any]:
    drawn = BytesIO()
    Image.new("RGB", (40, 40), "red").save(drawn, "PNG")
    return {"picture": SimpleUploadedFile("me.png", drawn.getvalue(), content_type="image/png")}


def _profile(_cast: Any) -> dict[str, Any]:
    to = {f"{field}_to": "circle" for field in ("appearance", "picture", "name", "introduction", "interests")}
    return {"appearance": "red dress", "name": "Mei", **to}


def _guest(status: int = 200, body: Any = None) -> PageDoor:
    """A page of the circle: the guest's alone."""
    return PageDoor(302, status, 404, 404, 404, 404, 404, 404, body=body)


DOORS: dict[str, PageDoor] = {
    "GET /circle": signed(),
    "GET /circle/{event}": _guest(),
    "GET /circle/{event}/latest": _guest(),
    "GET /circle/{event}/{number}": everyone(),
    "GET /circle/{event}/me": _guest(),
    "POST /circle/{event}/me": _guest(303, _profile),
    "POST /circle/{event}/me/picture": _guest(303, _picture),
    "POST /circle/{event}/me/picture/removal": _guest(303),
    "GET /circle/{event}/jotter": _guest(),
    "POST /circle/{event}/jotter": _guest(303, lambda _: {"number": "2", "remark": "tea"}),
    "GET /circle/{event}/jotter/latest": _guest(),
    "POST /circle/{event}/jotter/{number}/removal": _guest(303),
    "GET /organise/{event}/circle": staff(200, cashier=403),
    "POST /organise/{event}/circle": staff(
        303,
        cashier=403,
        body=lambda _: {"closing_days": "14", "requests": "20", "fields_shown": ["appearance", "name"]},
    ),
}
