"""Who gets what at the pages of talks: guests who have arrived, and the organiser's moderation."""

from tests.page_doors import PageDoor, staff


def guests(status: int, body=None) -> PageDoor:
    """A page of the circle: of those in the cast the member alone has arrived."""
    return PageDoor(302, status, *[404] * 6, body=body)


_CIRCLE = "/circle/{event}"
_ORGANISE = "/organise/{event}/circle"

DOORS: dict[str, PageDoor] = {
    f"GET {_CIRCLE}/talks": guests(200),
    f"GET {_CIRCLE}/talks/blocked": guests(200),
    f"GET {_CIRCLE}/talks/{{conversation}}": guests(200),
    f"POST {_CIRCLE}/talks/{{conversation}}": guests(303, body=lambda _: {"text": "Good evening"}),
    f"POST {_CIRCLE}/talks/{{conversation}}/answer": guests(409, body=lambda _: {"answer": "accepted"}),
    f"POST {_CIRCLE}/talks/{{conversation}}/contact": guests(303, body=lambda _: {"offer": "yes"}),
    f"GET {_CIRCLE}/{{number}}/request": guests(303),
    f"POST {_CIRCLE}/{{number}}/request": guests(409, body=lambda _: {"text": "Hello"}),
    f"GET {_CIRCLE}/{{number}}/report": guests(200),
    f"POST {_CIRCLE}/{{number}}/report": guests(409, body=lambda _: {"kind": "other"}),
    f"POST {_CIRCLE}/{{number}}/block": guests(303),
    f"POST {_CIRCLE}/{{number}}/block-end": guests(404),
    f"GET {_ORGANISE}/reports": staff(200, guide=403, cashier=403),
    f"GET {_ORGANISE}/reports/{{report}}": staff(200, guide=403, cashier=403),
    f"POST {_ORGANISE}/reports/{{report}}": staff(
        303, guide=403, cashier=403, body=lambda _: {"outcome": "muted", "reason": "Sells insurance"}
    ),
    f"GET {_ORGANISE}/mutes": staff(200, guide=403, cashier=403),
    f"POST {_ORGANISE}/mutes": staff(
        303, guide=403, cashier=403, body=lambda _: {"number": "2", "reason": "Sells insurance"}
    ),
    f"POST {_ORGANISE}/mutes/{{guest}}/end": staff(404, guide=403, cashier=403),
}
