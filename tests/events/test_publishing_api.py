"""Events over the API: the whole cast at every door, once each, and what is refused leaves nothing."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tessera.events.models import Event, Publication, Question
from tessera.kit import clock
from tessera.kit.ids import parse_id, show_id
from tessera.kit.models import AuditLine, Request
from tests.cast import Caller, Cast
from tests.events.stage import an_event

pytestmark = pytest.mark.django_db


def new(**other: Any) -> dict[str, Any]:
    starts_at = clock.now() + timedelta(days=9)
    return {
        "title": "Tea and tales",
        "text": "Bring a book.\nAnd a friend.",
        "place": "Courtyard",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=2)).isoformat(),
        **other,
    }


def an_event_of_a(cast: Cast) -> Event:
    return an_event(merchant_id=parse_id("mer", cast.a.merchant), starts_at=clock.now() + timedelta(days=2))


DOORS: dict[str, tuple[int, int, int, int, dict[str, Any] | None]] = {
    "GET /events/{event}": (200, 200, 200, 404, None),
    "PATCH /events/{event}": (200, 200, 403, 404, {"place": "Roof", "capacity": 400}),
    "POST /events/{event}/publication": (409, 409, 403, 404, None),
    "POST /events/{event}/cancellation": (201, 201, 403, 404, {"reason": "Storm"}),
    "GET /events/{event}/questions": (200, 200, 200, 404, None),
    "POST /events/{event}/questions": (201, 201, 403, 404, {"kind": "text", "label": "Why?"}),
    "PATCH /events/{event}/questions/{question}": (200, 200, 403, 404, {"label": "How?"}),
    "POST /events/{event}/questions/{question}/retirement": (201, 201, 403, 404, None),
}


@pytest.mark.parametrize("address", DOORS)
@pytest.mark.parametrize("who", ["operator", "full", "reader", "other", "nobody"])
def test_whole_cast_at_every_door(cast: Cast, address: str, who: str) -> None:
    event = an_event_of_a(cast)
    question = Question.objects.create(event=event, position=1, kind="text", label="What?")
    method, path = address.split(" ")
    *expected, body = DOORS[address]
    status = dict(zip(("operator", "full", "reader", "other"), expected, strict=True)).get(who, 401)
    filled = path.format(event=show_id("evt", event.pk), question=show_id("qst", question.pk))
    caller: Caller = getattr(cast, who)
    kept = Request.objects.count()
    answer = caller.send(method, filled, body, request_id="once")
    assert answer.status_code == status, answer.content
    wrote = method != "GET" and status < 300
    assert Request.objects.count() - kept == int(wrote)
    if wrote:
        lines = AuditLine.objects.count()
        again = caller.send(method, filled, body, request_id="once")
        assert (again.status_code, again.content) == (answer.status_code, answer.content)
        assert AuditLine.objects.count() == lines
    else:
        event.refresh_from_db()
        assert (event.place, Question.objects.count()) == ("", 1)


def test_drafting_and_listing(cast: Cast) -> None:
    made = cast.full.send("POST", "/events", new(capacity=24, circle_requests=9))
    assert made.status_code == 201, made.content
    shown = json.loads(made.content)
    assert (shown["status"], shown["merchant"], shown["capacity"]) == ("draft", cast.a.merchant, 24)
    assert (shown["circle_requests"], shown["circle_closing_days"]) == (9, 30)
    event = Event.objects.get()
    assert event.text == "Bring a book.\nAnd a friend."

    def listed(caller: Caller, query: str = "") -> list[str]:
        return [one["id"] for one in json.loads(caller.send("GET", f"/events{query}").content)["items"]]

    assert listed(cast.full) == listed(cast.reader) == listed(cast.operator) == [shown["id"]]
    assert listed(cast.other) == []
    published = cast.full.send("POST", f"/events/{shown['id']}/publication")
    assert json.loads(published.content)["status"] == "published"
    assert Publication.objects.count() == 1


def test_the_operator_drafts_for_the_platform_and_for_merchants(cast: Cast) -> None:
    own = json.loads(cast.operator.send("POST", "/events", new()).content)
    theirs = json.loads(cast.operator.send("POST", "/events", new(merchant=cast.a.merchant)).content)
    assert (own["merchant"], theirs["merchant"]) == (None, cast.a.merchant)
    assert cast.other.send("POST", "/events", new(merchant=cast.a.merchant)).status_code == 404
    assert cast.reader.send("POST", "/events", new()).status_code == 403
    assert cast.other.send("GET", f"/events?merchant={cast.a.merchant}").status_code == 404
    assert cast.full.send("GET", f"/events/{own['id']}").status_code == 404
    assert Event.objects.count() == 2


def test_what_is_missing_is_named(cast: Cast) -> None:
    made = json.loads(cast.full.send("POST", "/events", new(place="", text="")).content)
    refused = cast.full.send("POST", f"/events/{made['id']}/publication")
    problem = json.loads(refused.content)
    assert (refused.status_code, problem["code"]) == (409, "event_incomplete")
    assert problem["details"]["missing"] == ["text", "place"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (lambda: new(ends_at="2001-01-01T00:00:00Z"), "event_times_invalid"),
        (lambda: new(starts_at="2099-01-01T00:00:00"), "request_invalid"),
        (lambda: new(starts_at="0001-01-01T00:00:00+14:00"), "request_invalid"),
        (lambda: new(time_zone="Mars/Olympus"), "time_zone_unknown"),
        (lambda: new(capacity=1.5), "request_invalid"),
        (lambda: new(title="a\u0000b"), "request_invalid"),
        (lambda: new(surprise=1), "request_invalid"),
        (lambda: new(number_width=40), "event_terms_invalid"),
        (lambda: new(latitude_e7=1), "place_invalid"),
    ],
)
def test_refusals_leave_nothing(cast: Cast, body: Callable[[], dict[str, Any]], code: str) -> None:
    answer = cast.full.send("POST", "/events", body())
    assert json.loads(answer.content)["code"] == code
    assert not Event.objects.exists()


def test_group_and_prefixes(cast: Cast) -> None:
    event = an_event_of_a(cast)
    path = f"/events/{show_id('evt', event.pk)}"
    terms = {"choices": ["Red", "Blue"]}
    asked = cast.full.send("POST", f"{path}/questions", {"kind": "choice", "label": "Team", "terms": terms})
    question = json.loads(asked.content)["id"]
    changed = cast.full.send(
        "PATCH", path, {"group_question": question, "prefixes": {"Red": "R", "Green": "G"}}
    )
    assert json.loads(changed.content)["prefixes"] == {"Red": "R"}
    none = cast.full.send("PATCH", path, {"group_question": None, "capacity": None})
    assert (json.loads(none.content)["group_question"], json.loads(none.content)["capacity"]) == (None, None)
