"""No phone number of another guest is in any page or answer of circle and talk (spec/events.md, step 9)."""

from typing import Any

import pytest
from django.http import HttpResponse

from tessera.events.models import CircleProfile, Registration
from tessera.kit import clock
from tessera.kit.ids import parse_id
from tessera.kit.phones import masked_phone
from tests.cast import make_caller
from tests.events.doors_circle import DOORS as CIRCLE
from tests.events.doors_corrections import DOORS as CORRECTIONS
from tests.events.doors_talks import DOORS as TALKS
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

LINES = sorted(line for line in {**CIRCLE, **TALKS, **CORRECTIONS} if " /circle" in line)
API = ("/circle", "/circle?number=2", "/circle?words=red dress", "/circle?name=Lan", "/circle/2", "/circle/2?guest={guest}",
       "/guests/{guest}/profile", "/guests/{guest}/jottings", "/guests/{guest}/conversations")  # fmt: skip


def phones_in(text: str, phones: list[str]) -> list[str]:
    """Return which of the numbers a text shows: whole, without the country's code, or masked."""
    bare = text.replace(" ", "").replace("-", "")
    return [phone for phone in phones if phone[3:] in bare or masked_phone(phone) in bare]


def others(cast: PageCast) -> list[str]:
    """The phone numbers of the event's other guests, who show everything that can be shown."""
    event_id = parse_id("evt", cast.event)
    rows = Registration.objects.filter(event_id=event_id).exclude(person_id=parse_id("per", cast.member))
    for row in rows:
        CircleProfile.objects.create(
            event_id=event_id, person_id=row.person_id, appearance="red dress", introduction="Hello", interests="tea",
            name=row.name, seen_by=dict.fromkeys(("appearance", "introduction", "interests", "name"), "circle"),
            changed_at=clock.now(),
        )  # fmt: skip
    return [row.phone for row in rows if row.phone]


def text_of(response: HttpResponse) -> str:
    return response.content.decode() + str(response.headers)


@pytest.mark.django_db
def test_no_page_of_the_circle_shows_a_phone_number(page_cast: PageCast) -> None:
    phones = others(page_cast)
    assert len(phones) >= 2
    member = page_cast.client("member", raise_request_exception=False)
    shown = []
    for line in LINES:
        method, path = line.split(" ", 1)
        door = {**CIRCLE, **TALKS, **CORRECTIONS}[line]
        address = page_cast.filled(path)
        if method == "GET":
            answers = [
                member.get(address),
                member.get(address, {"q": "red"}),
                member.get(address, {"q": "2"}),
            ]
        else:
            body = dict(door.body(page_cast)) if door.body else {}
            answers = [member.post(address, {"request_id": f"p-{line}", **body}), member.post(address, {})]
        shown += [(line, found) for answer in answers for found in phones_in(text_of(answer), phones)]
    assert shown == []


@pytest.mark.django_db
def test_no_answer_of_the_api_shows_a_phone_number(page_cast: PageCast) -> None:
    phones = others(page_cast)
    key = make_caller("circle", parse_id("mer", page_cast.merchant), ["circle:read", "circle:write"])
    for rest in API:
        answer: Any = key.get(page_cast.filled("/events/{event}" + rest))
        assert answer.status_code == 200, rest
        assert phones_in(text_of(answer), phones) == [], rest


def test_the_test_sees_a_phone_number() -> None:
    """Prevents a search that finds nothing because it looks for nothing."""
    for text in ("+8610012345678", "100 1234 5678", "<b>100****5678</b>"):
        assert phones_in(text, ["+8610012345678"]) == ["+8610012345678"]
