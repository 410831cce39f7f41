"""Who gets what at the addresses of the room `notices` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, signed

_QUIET = {"quiet": "on", "begins": "22:00", "ends": "07:00", "time_zone": "Asia/Shanghai"}
A_KEY = "BI5TO2-gv3tGJbswZnwB-2B--fi4qA_vWzAGKHAxh7Kjc-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ"
"""A browser's public key: seven times the base point of P-256."""
_BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/made-up",
    "public_key": A_KEY,
    "secret": "YWFhYWFhYWFhYWFhYWFhYQ",
}

DOORS: dict[str, PageDoor] = {
    "GET /inbox": signed(),
    "POST /inbox/reading": signed(303),
    "GET /inbox/{notice}": PageDoor(302, 200, *[404] * 6),
    "GET /me/notices": signed(),
    "POST /me/notices/channels": signed(303),
    "POST /me/notices/quiet-hours": signed(303, body=lambda _: _QUIET),
    "POST /me/notices/browser": signed(303, body=lambda _: _BROWSER),
    "POST /me/notices/browser-end": signed(303, body=lambda _: _BROWSER),
    "POST /me/notices/mail": signed(303, body=lambda _: {"address": "name@example.org"}),
    "POST /me/notices/mail-code": signed(422, body=lambda _: {"code": "000000"}),
    "POST /me/notices/mail-end": signed(303),
}
