"""Who gets what at the addresses of registering and tickets."""

from typing import Any

from tests.page_doors import PageDoor, signed


def _ticket() -> PageDoor:
    """The member's own; the guide is crew and goes to the door with it; others learn nothing."""
    return PageDoor(302, 200, 302, 404, 404, 404, 404, 404)


def _none(_: Any) -> dict[str, str]:
    return {}


DOORS: dict[str, PageDoor] = {
    "GET /e/{event}/registration": signed(200),
    "POST /e/{event}/registration": signed(422, body=_none),
    "POST /e/{event}/registration/cancellation": PageDoor(302, 409, *[404] * 6, body=_none),
    "GET /tickets": signed(200),
    "GET /tickets/past": signed(200),
    "GET /t/{ticket}": _ticket(),
}
