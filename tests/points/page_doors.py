"""Who gets what at the addresses of the room `points` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, everyone, signed, staff

DOORS: dict[str, PageDoor] = {
    "GET /wallet": signed(),
    "GET /wallet/latest": signed(),
    "GET /wallet/{merchant}": signed(),
    "GET /shops": everyone(),
    "POST /shops/near": everyone(body=lambda _: {"latitude_e7": "312000000", "longitude_e7": "1214000000"}),
    "GET /shops/{merchant}": everyone(),
    "GET /console/{merchant}/programme": staff(),
    "POST /console/{merchant}/programme": staff(
        303,
        cashier=403,
        body=lambda _: {"pending_days": "7", "expiry_kind": "none", "unclaimed_days": "30", "cost": "0"},
    ),
    "GET /console/{merchant}/rules": staff(),
    "GET /console/{merchant}/rules/new": staff(cashier=403),
    "POST /console/{merchant}/rules/new": staff(
        303, cashier=403, body=lambda _: {"kind": "cap", "name": "Enough", "points": "50"}
    ),
    "GET /console/{merchant}/rules/{rule}": staff(),
    "GET /console/{merchant}/rules/{rule}/version": staff(cashier=403),
    "POST /console/{merchant}/rules/{rule}/version": staff(
        303, cashier=403, body=lambda _: {"tier_quantity": "1", "tier_points": "2"}
    ),
    "POST /console/{merchant}/rules/{rule}/ending": staff(303, cashier=403),
}
