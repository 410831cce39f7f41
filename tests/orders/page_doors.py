"""Who gets what at the addresses of the room `orders` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, signed, staff

_ONE_BACK = {"sku": "T-1", "quantity": "1"}

DOORS: dict[str, PageDoor] = {
    "GET /counter": PageDoor(302, 200, 200, 302, 302, 302, 200, 200),  # who has one counter is taken to it
    "GET /counter/{store}": staff(),
    "POST /counter/{store}/basket": staff(body=lambda _: {"code": "T-1"}),
    "POST /counter/{store}/purchases": staff(
        422, cashier=422, body=lambda _: {"sku": "T-1", "quantity": "1"}
    ),
    "GET /counter/{store}/sales": staff(),
    "GET /counter/{store}/receipts/{purchase}": staff(),
    "GET /counter/{store}/receipts/{purchase}/returns": staff(),
    "POST /counter/{store}/receipts/{purchase}/returns": staff(303, cashier=303, body=lambda _: _ONE_BACK),
    "POST /counter/{store}/receipts/{purchase}/returns/preview": staff(body=lambda _: _ONE_BACK),
    "GET /counter/{store}/returns": staff(),
    "POST /counter/{store}/returns": staff(303, cashier=303, body=lambda _: {"code": "R-1"}),
    "GET /counter/{store}/returns/{return}": staff(),
    "GET /receipts": signed(),
    "GET /receipts/{receipt}": PageDoor(302, 200, *[404] * 6),
    "GET /console/{merchant}/members/{member}": staff(guide=200),
    "POST /console/{merchant}/members/{member}/level": staff(
        303, cashier=403, body=lambda _: {"level": "gold"}
    ),
    "POST /console/{merchant}/members/{member}/numbers": staff(
        303, cashier=403, body=lambda _: {"number": "C-77"}
    ),
    "GET /console/{merchant}/purchases": staff(),
    "GET /console/{merchant}/purchases.csv": staff(),
    "GET /console/{merchant}/purchases/{purchase}": staff(),
    "POST /console/{merchant}/purchases/{purchase}/returns": staff(
        303, cashier=303, body=lambda _: {"receipt_number": "R-1-more", "line_1": "1"}
    ),
    "GET /console/{merchant}/returns": staff(),
    "GET /console/{merchant}/returns.csv": staff(),
    "GET /console/{merchant}/returns/{return}": staff(),
    "GET /console/{merchant}/imports": staff(),
    "POST /console/{merchant}/imports": staff(422, cashier=403),
    "GET /console/{merchant}/imports/template.csv": staff(),
    "GET /console/{merchant}/imports/uploads/{upload}": staff(422, cashier=403),
    "POST /console/{merchant}/imports/uploads/{upload}": staff(422, cashier=403),
    "GET /console/{merchant}/imports/{import}": staff(),
    "GET /console/{merchant}/imports/{import}/progress": staff(),
    "GET /console/{merchant}/imports/{import}/faults.csv": staff(),
    "POST /console/{merchant}/imports/{import}/resumption": staff(303, cashier=403),
}
