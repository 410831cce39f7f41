"""Who gets what at the door's pages: its crew and its organiser's staff; to others there is no door."""

from tests.page_doors import PageDoor, signed

_CREW = PageDoor(302, 404, 200, 403, 200, 200, 404, 404)
DOORS: dict[str, PageDoor] = {
    "GET /door": signed(200),
    "GET /door/{event}": _CREW,
    "GET /door/{event}/manifest.webmanifest": _CREW,
}
