"""Who gets what at the addresses of the room `site` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, everyone

DOORS: dict[str, PageDoor] = {
    "GET /": PageDoor(200, *[302] * 7),
    "POST /language": everyone(303, body=lambda _: {"language": "en", "next": "/"}),
    "GET /offline": everyone(),
    "POST /csp-reports": everyone(204),
    "POST /demo/sign-in/{role}": everyone(404),
    "GET /manifest.webmanifest": everyone(),
    "GET /sw.js": everyone(),
    "GET /media/{name}-{size}.webp": everyone(404),
    "POST /theme": everyone(303, body=lambda _: {"theme": "dark", "next": "/"}),
}
