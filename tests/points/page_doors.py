"""Who gets what at the addresses of the room `points` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, everyone, signed

DOORS: dict[str, PageDoor] = {
    "GET /wallet": signed(),
    "GET /wallet/latest": signed(),
    "GET /wallet/{merchant}": signed(),
    "GET /shops": everyone(),
    "POST /shops/near": everyone(body=lambda _: {"latitude_e7": "312000000", "longitude_e7": "1214000000"}),
    "GET /shops/{merchant}": everyone(),
}
