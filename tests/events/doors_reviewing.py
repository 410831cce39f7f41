"""Who gets what at the organiser's pages of registrations and review."""

from typing import Any

from tests.cast import made_up_phone
from tests.page_doors import PageDoor, staff


def _organisers(status: int = 200, body: Any = None) -> PageDoor:
    return staff(status, guide=403, cashier=403, body=body)


def _decided(cast: Any) -> dict[str, Any]:
    return {"registration": cast.registration, "verdict": "accept"}


def _policy(_: Any) -> dict[str, str]:
    return {"policy": '{"rules": [{"when": [], "then": "hand"}]}', "do": "publish"}


DOORS: dict[str, PageDoor] = {
    "GET /organise/{event}/registrations": _organisers(),
    "GET /organise/{event}/registrations/new": _organisers(),
    "POST /organise/{event}/registrations/new": _organisers(
        303, body=lambda _: {"phone": made_up_phone(), "name": "Hua"}
    ),
    "GET /organise/{event}/registrations/{registration}": _organisers(),
    "POST /organise/{event}/decisions": _organisers(303, body=_decided),
    "POST /organise/{event}/decisions/{decision}/undoing": _organisers(409, body=lambda _: {}),
    "GET /organise/{event}/answers/{answer}": _organisers(404),
    "GET /organise/{event}/review": _organisers(),
    "POST /organise/{event}/review": _organisers(303, body=_policy),
    "POST /organise/{event}/review/run": _organisers(303, body=lambda _: {}),
}
