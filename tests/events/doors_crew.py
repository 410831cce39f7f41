"""Who comes through to crew and terminals: the organiser's staff; the crew to their own terminals."""

from tests.page_doors import PageDoor, staff

_DOOR = {"door": "East"}

DOORS: dict[str, PageDoor] = {
    "GET /organise/{event}/door": staff(200, guide=403, cashier=403),
    "POST /organise/{event}/door": staff(
        303, guide=403, cashier=403, body=lambda cast: {"phone": cast.phone, "role": "crew"}
    ),
    "POST /organise/{event}/crew/{crew}/end": staff(303, guide=403, cashier=403),
    "POST /organise/{event}/walk-ins": staff(303, guide=403, cashier=403, body=lambda _: {"allowed": "no"}),
    "POST /organise/{event}/unlocks": staff(303, guide=403, cashier=403),
    # the guide is crew there, and holds the terminal of the cast
    "POST /door/{event}/terminals": staff(201, guide=201, cashier=403, body=lambda _: _DOOR),
    "POST /door/{event}/terminals/{terminal}/revocation": staff(303, guide=303, cashier=403),
}
