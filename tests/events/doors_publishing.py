"""Pages about publishing: the organiser's list and details, questions, and what everybody sees."""

from datetime import timedelta
from typing import Any

from tessera.kit import clock
from tests.page_doors import PageDoor, everyone, operators, staff

_EVENT = "/organise/{event}"


def _event(cast: Any) -> dict[str, Any]:
    wall = clock.now() + timedelta(days=30)
    return {
        "title": "Tea and tales",
        "time_zone": "Asia/Shanghai",
        "starts_at": f"{wall:%Y-%m-%dT%H:%M}",
        "ends_at": f"{wall + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "review": "automatic",
        "number_start": "1",
        "number_width": "3",
        "closing_days": "30",
        "requests": "50",
    }


def _changed(cast: Any) -> dict[str, Any]:
    return {**_event(cast), "capacity": "300", "registration_from": "2026-01-01T10:00"}


def _place(cast: Any) -> dict[str, Any]:
    return {"latitude_e7": "312110000", "longitude_e7": "1214430000"}


DOORS: dict[str, PageDoor] = {
    "GET /console/{merchant}/events": staff(200, guide=403, cashier=403),
    "GET /console/{merchant}/events.csv": staff(200, guide=403, cashier=403),
    "GET /console/{merchant}/events/new": staff(200, guide=403, cashier=403),
    "POST /console/{merchant}/events/new": staff(303, guide=403, cashier=403, body=_event),
    "GET /operator/events": operators(),
    "GET /operator/events.csv": operators(),
    "GET /operator/events/new": operators(),
    "POST /operator/events/new": operators(303, body=_event),
    f"GET {_EVENT}/details": staff(200, guide=403, cashier=403),
    f"POST {_EVENT}/details": staff(303, guide=403, cashier=403, body=_changed),
    f"POST {_EVENT}/publication": staff(409, guide=403, cashier=403),
    f"POST {_EVENT}/cancellation": staff(303, guide=403, cashier=403, body=lambda _: {"reason": "Storm"}),
    f"POST {_EVENT}/copy": staff(303, guide=403, cashier=403),
    f"GET {_EVENT}/poster": staff(200, guide=403, cashier=403),
    f"GET {_EVENT}/questions": staff(200, guide=403, cashier=403),
    f"GET {_EVENT}/questions/new": staff(200, guide=403, cashier=403),
    f"POST {_EVENT}/questions/new": staff(303, guide=403, cashier=403, body=lambda _: {"label": "Diet"}),
    f"GET {_EVENT}/questions/{{question}}": staff(200, guide=403, cashier=403),
    f"POST {_EVENT}/questions/{{question}}": staff(
        303, guide=403, cashier=403, body=lambda _: {"label": "What do you do?"}
    ),
    f"POST {_EVENT}/questions/{{question}}/retirement": staff(303, guide=403, cashier=403),
    f"POST {_EVENT}/questions/{{question}}/place": staff(
        303, guide=403, cashier=403, body=lambda _: {"to": "earlier"}
    ),
    "GET /events": everyone(),
    "POST /events/near": everyone(body=_place),
    "GET /e/{event}": everyone(),
    "GET /e/{event}/calendar.ics": everyone(),
}
