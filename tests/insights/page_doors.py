"""Who gets what at the addresses of the room `insights` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, staff

DOORS: dict[str, PageDoor] = {
    "GET /console/{merchant}": staff(guide=200),
    "GET /console/{merchant}/charts": staff(cashier=403),
    "GET /console/{merchant}/charts/{chart}.csv": staff(cashier=403),
}
