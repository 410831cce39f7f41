"""Who comes through to corrections: the guest to his own, the organiser and supervisors to the queue."""

from tests.page_doors import PageDoor, staff

_NEXT = {"verdict": "next"}

DOORS: dict[str, PageDoor] = {
    "GET /circle/{event}/correction": PageDoor(302, 200, *[404] * 6),
    "POST /circle/{event}/correction": PageDoor(
        302, 303, *[404] * 6, body=lambda _: {"reason": "Somebody else's badge", "wanted": "40"}
    ),
    # the cast's correction is another guest's
    "POST /circle/{event}/correction/{correction}/withdrawal": PageDoor(302, *[404] * 7),
    "GET /organise/{event}/corrections": staff(200, guide=403, cashier=403),
    "POST /organise/{event}/corrections/{correction}/decision": staff(
        303, guide=403, cashier=403, body=lambda _: _NEXT
    ),
    # the guide is crew there, but no supervisor
    "GET /door/{event}/corrections": staff(200, guide=404, cashier=403),
    "POST /door/{event}/corrections/{correction}/decision": staff(
        303, guide=404, cashier=403, body=lambda _: _NEXT
    ),
}
