"""Who gets what at the addresses of the room `orders` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, signed

DOORS: dict[str, PageDoor] = {
    "GET /receipts": signed(),
    "GET /receipts/{receipt}": PageDoor(302, 200, *[404] * 6),
}
