"""Who gets what at the addresses of the room `site` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, everyone, operators

_BOUNDS = {
    "most_pending_days": "30",
    "least_expiry_months": "6",
    "least_unclaimed_days": "7",
    "most_unclaimed_days": "90",
}

DOORS: dict[str, PageDoor] = {
    "GET /": PageDoor(200, *[302] * 7),
    "POST /language": everyone(303, body=lambda _: {"language": "en", "next": "/"}),
    "GET /offline": everyone(),
    "GET /live/token": PageDoor(204, *[200] * 7),
    "GET /design": everyone(404),
    "POST /csp-reports": everyone(204),
    "POST /demo/sign-in/{role}": everyone(404),
    "GET /manifest.webmanifest": everyone(),
    "GET /sw.js": everyone(),
    "GET /media/{name}-{size}.webp": everyone(404),
    "POST /theme": everyone(303, body=lambda _: {"theme": "dark", "next": "/"}),
    "GET /operator": operators(),
    "GET /operator/policies": operators(),
    "POST /operator/policies/applications": operators(303, body=lambda _: {"accepted": "on"}),
    "POST /operator/policies/programme-bounds": operators(303, body=lambda _: _BOUNDS),
    "POST /operator/policies/quiet-hours": operators(
        303, body=lambda _: {"begins": "21:00", "ends": "09:00"}
    ),
    "GET /operator/audit": operators(),
    "POST /operator/audit": operators(422, body=lambda _: {"phone": "nobody"}),
    "GET /operator/audit.csv": operators(),
    "GET /operator/jobs": operators(),
    "POST /operator/jobs/{job}/retry": operators(404),
    "POST /operator/news/{news}/retry": operators(404),
    "GET /operator/health": operators(),
    "GET /operator/messages": operators(),
    "POST /operator/messages": operators(303, body=lambda cast: {"phone": cast.phone}),
}
