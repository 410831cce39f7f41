"""Who gets what at the addresses of the room `people` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, everyone, signed

DOORS: dict[str, PageDoor] = {
    "GET /sign-in": PageDoor(200, *[302] * 7),
    "POST /sign-in": PageDoor(303, *[302] * 7, body=lambda cast: {"region": "CN", "phone": cast.phone}),
    "GET /sign-in/number": everyone(302),
    "GET /sign-in/code": everyone(302),
    "POST /sign-in/code": everyone(302),
    "POST /sign-in/code/another": everyone(303),
    "GET /sign-in/welcome": everyone(302),
    "POST /sign-in/welcome": everyone(302),
    "GET /sign-in/again": signed(),
    "POST /sign-in/again": signed(303),
    "GET /sign-in/password": everyone(),
    "POST /sign-in/password": everyone(422, body=lambda cast: {"region": "CN", "phone": cast.phone}),
    "POST /sign-in/passkey": everyone(422, body=lambda _: {"credential": "{}"}),
    "POST /sign-in/passkey/options": everyone(),
    "POST /sign-out": everyone(303),
    "GET /terms": everyone(),
    "GET /privacy": everyone(),
    "GET /me/password": signed(),
    "POST /me/password": signed(422, body=lambda _: {"password": "short"}),
    "POST /me/password/removal": signed(303),
    "GET /me/passkeys": signed(),
    "POST /me/passkeys": signed(422, body=lambda _: {"credential": "{}"}),
    "POST /me/passkeys/options": signed(),
    "POST /me/passkeys/{passkey}": signed(404, body=lambda _: {"name": "Phone"}),
    "POST /me/passkeys/{passkey}/removal": signed(404),
    "GET /me/devices": signed(),
    "POST /me/devices/others/sign-out": signed(303),
    "POST /me/devices/{device}/sign-out": signed(404),
}
