"""Who gets what at the addresses of the room `merchants` (tests/page_doors.py says how a line is read)."""

from tests.page_doors import PageDoor, everyone, operators, owners, signed, staff

_STORE = {"name": "Second", "number": "2", "district": "Xuhui"}

DOORS: dict[str, PageDoor] = {
    "GET /work": signed(),
    "GET /console": signed(),
    "GET /console/open": signed(),
    "POST /console/open": signed(303, body=lambda _: {"name": "Corner shop", "store_name": "Corner"}),
    "GET /console/{merchant}/business": staff(guide=200),
    "POST /console/{merchant}/business": staff(
        303, cashier=403, body=lambda _: {"name": "Tea house", "time_zone": "Asia/Shanghai"}
    ),
    "GET /console/{merchant}/stores": staff(guide=200),
    "GET /console/{merchant}/stores/new": staff(cashier=403),
    "POST /console/{merchant}/stores/new": staff(303, cashier=403, body=lambda _: _STORE),
    "GET /console/{merchant}/stores/{store}": staff(cashier=403),
    "POST /console/{merchant}/stores/{store}": staff(303, cashier=403, body=lambda _: _STORE),
    "POST /console/{merchant}/stores/{store}/closure": staff(303, cashier=403),
    "GET /console/{merchant}/stores/{store}/sign": staff(guide=200),
    "GET /console/{merchant}/staff": owners(),
    "POST /console/{merchant}/staff": owners(
        303, body=lambda cast: {"phone": cast.phone, "role": "cashier", "store": cast.store}
    ),
    "POST /console/{merchant}/staff/{employment}/end": owners(303),
    "GET /console/{merchant}/keys": owners(),
    "POST /console/{merchant}/keys": owners(
        201, body=lambda _: {"label": "till 2", "scopes": ["catalog:read"]}
    ),
    "POST /console/{merchant}/keys/{key}/revocation": owners(303),
    "GET /console/{merchant}/members": staff(guide=200),
    "GET /console/{merchant}/members.csv": staff(guide=200),
    "GET /console/{merchant}/members/new": staff(cashier=403),
    "POST /console/{merchant}/members/new": staff(
        303, cashier=403, body=lambda cast: {"phone": cast.phone, "number": "C-2"}
    ),
    "GET /console/{merchant}/application": staff(guide=200),
    "POST /console/{merchant}/application/again": owners(409),
    "GET /operator/merchants": operators(),
    "GET /operator/merchants/{merchant}": operators(),
    "POST /operator/merchants/{merchant}/approval": operators(409),
    "POST /operator/merchants/{merchant}/declination": operators(409, body=lambda _: {"reason": "Why"}),
    "POST /operator/merchants/{merchant}/suspension": operators(303, body=lambda _: {"reason": "Why"}),
    "POST /operator/merchants/{merchant}/reinstatement": operators(409),
    "GET /s/{store}": everyone(302),
}
