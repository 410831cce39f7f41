"""What a stolen terminal, a dishonest member of the crew or another merchant would try at the door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from tessera.events.actions.crew import end_crew
from tessera.events.actions.undoing import forget_guesses
from tessera.events.models import Arrival, CrewMember, Event, Guess, Numbering, NumberSetAside, Registration
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.site.lane import HotLane
from tests.cast import assert_refused, make_caller
from tests.events.devices import Device, lane, over_lane
from tests.events.stage import a_guest, a_lease, a_terminal, an_arrival, an_event

__all__ = ["lane"]
pytestmark = pytest.mark.usefixtures("committed")


def sent(lane: HotLane, secret: str, event: Event, body: Any, *, bulk: bool = False) -> Any:
    """Return the answer's status and body."""
    [answer] = over_lane(lane, [(secret, Device(secret).arrivals(event, bulk=bulk), body)])
    return answer.status_code, answer.json()


def code(answer: tuple[int, Any]) -> str:
    """Return the refusal's code."""
    return str(answer[1].get("code"))


def offline(guest: Registration, number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": "q-1",
        "registration_id": show_id("reg", guest.id),
        "number": number,
        "arrived_at": clock.now().isoformat(),
        **more,
    }


def nobody_came(*events: Event) -> bool:
    return not Arrival.objects.filter(event_id__in=[event.id for event in events]).exists()


def test_a_credential_opens_one_event_only(lane: HotLane) -> None:
    mine, other = an_event(), an_event()
    terminal, guest = a_terminal(mine, role="supervisor"), a_guest(other)
    body = {"phone": guest.phone, "code": guest.code}
    assert code(sent(lane, terminal.secret, other, body)) == "not_found"
    assert code(sent(lane, terminal.secret, other, {"ticket": guest.ticket})) == "not_found"
    told = sent(lane, terminal.secret, mine, {"ticket": guest.ticket})
    assert code(told) == "other_event"
    assert guest.name not in str(told)
    assert (
        code(sent(lane, terminal.secret, mine, {"registration_id": show_id("reg", guest.id)}))
        == "guest_unknown"
    )
    device = Device(terminal)
    undo = {"registration_id": show_id("reg", guest.id), "reason": "x"}
    an_arrival(other, guest, 1)
    assert_refused(device.post("undoings", undo), 409, "not_arrived")
    assert device.get("guests", q=guest.phone_tail).json()["items"] == []
    assert nobody_came(mine)
    assert Arrival.objects.filter(event_id=other.id).count() == 1


def test_a_terminal_is_no_key(lane: HotLane) -> None:
    """Prevents a phone at the door from reading or changing anything else of the merchant."""
    event = an_event()
    caller = make_caller("x", event.merchant_id, ["arrivals:write"])
    terminal = a_terminal(event, role="supervisor")
    as_key = type(caller)("terminal", terminal.secret)
    merchant = show_id("mer", event.merchant_id)
    for path in (f"/merchants/{merchant}", f"/merchants/{merchant}/products", "/persons", "/audit-trail"):
        assert as_key.get(path).status_code in {403, 404}, path
    assert as_key.post(f"/merchants/{merchant}/stores", {"number": "9", "name": "X"}).status_code == 403
    assert_refused(caller.get("/door/session"), 401, "unauthenticated")
    assert_refused(caller.get("/door/roster"), 401, "unauthenticated")


def test_a_crew_member_who_ended_has_no_terminal_any_more(lane: HotLane) -> None:
    event = an_event()
    guest, terminal = a_guest(event), a_terminal(event)
    assert sent(lane, terminal.secret, event, {"ticket": "no"})[0] == 404
    member = CrewMember.objects.get(event_id=event.id)
    with transaction.atomic():
        end_crew(event_id=event.id, crew_id=member.id, now=clock.now(), actor=SYSTEM)
    for body in ({"ticket": guest.ticket}, {"phone": guest.phone, "code": guest.code}):
        assert sent(lane, terminal.secret, event, body)[0] == 403
        assert code(sent(lane, terminal.secret, event, body)) == "terminal_revoked"
    assert_refused(Device(terminal).post("leases", {"numbers": 5}), 403, "terminal_revoked")
    assert_refused(Device(terminal).post("walk-ins", {"items": []}), 403, "terminal_revoked")
    assert nobody_came(event)


def test_other_merchants_and_weak_keys_check_nobody_in(lane: HotLane) -> None:
    event, other = an_event(), an_event()
    guest = a_guest(event)
    strange = make_caller("b", other.merchant_id, ["arrivals:write"]).secret or ""
    weak = make_caller("a", event.merchant_id, ["events:read"]).secret or ""
    strong = make_caller("c", event.merchant_id, ["arrivals:write"]).secret or ""
    assert code(sent(lane, strange, event, {"ticket": guest.ticket})) == "not_found"
    assert code(sent(lane, weak, event, {"ticket": guest.ticket})) == "scope_missing"
    # a key holds no lease: it cannot bring numbers of its own
    assert code(sent(lane, strong, event, offline(guest, 1001))) == "request_invalid"
    assert nobody_came(event)
    assert sent(lane, strong, event, {"ticket": guest.ticket})[1]["number"] == 1


def test_forged_numbers_are_not_given(lane: HotLane) -> None:
    """Another's lease, the online run, a number that somebody has, none at all, one beyond all bounds."""
    event = an_event(capacity=None)
    mine, his = a_terminal(event), a_terminal(event)
    lease, foreign = a_lease(event, mine, 5), a_lease(event, his, 5)
    an_arrival(event, a_guest(event), lease[0])
    for forged, given in ((foreign[0], 1), (500, 2), (lease[0], 3), (0, 4), (99_999_999, 5)):
        guest = a_guest(event)
        status, told = sent(lane, mine.secret, event, offline(guest, forged, id=f"f-{forged}"))
        assert (status, told["number"], told["void_number"]) == (201, given, forged)
    for number in (-1, 10**8, 2**31, 2**70, 1.5, "7", True):
        body = {**offline(a_guest(event), 1), "number": number}
        assert code(sent(lane, mine.secret, event, body)) == "request_invalid"
    assert Numbering.objects.get(pk=event.id).arrived == 6
    # what was forged is still there for who holds it
    status, told = sent(lane, his.secret, event, offline(a_guest(event), foreign[0], id="true"))
    assert (status, told["number"], told["void_number"]) == (201, foreign[0], None)


def test_one_number_for_two_guests(lane: HotLane) -> None:
    event = an_event()
    terminal = a_terminal(event)
    number = a_lease(event, terminal, 5)[0]
    items = [offline(a_guest(event), number, id=f"two-{place}") for place in range(2)]
    _, told = sent(lane, terminal.secret, event, {"items": items}, bulk=True)
    answers = [one["answer"] for one in told["items"]]
    assert [(one["number"], one["void_number"]) for one in answers] == [(number, None), (1, number)]


@pytest.mark.parametrize(
    "moment",
    [datetime(1, 1, 1, tzinfo=UTC), clock.now() - timedelta(days=3650), clock.now() + timedelta(days=3650)],
)
def test_a_forged_moment_displaces_nobody_and_never_lies_ahead(lane: HotLane, moment: datetime) -> None:
    """Prevents a terminal from taking every guest's number away by saying that it was earlier than it had one."""
    event = an_event(capacity=None)
    guest, fresh = a_guest(event), a_guest(event)
    honest, thief = a_terminal(event), a_terminal(event)
    assert sent(lane, honest.secret, event, {"ticket": guest.ticket})[1]["number"] == 1
    lease = a_lease(event, thief, 5, at=clock.now())
    forged = offline(guest, lease[0], id="a", arrived_at=moment.isoformat())
    assert code(sent(lane, thief.secret, event, forged)) == "already_arrived"
    assert Arrival.objects.get(event_id=event.id).number == 1
    assert NumberSetAside.objects.get(event_id=event.id).number == lease[0]
    new = offline(fresh, lease[1], id="b", arrived_at=moment.isoformat())
    assert sent(lane, thief.secret, event, new)[1]["number"] == lease[1]
    arrived_at = Arrival.objects.get(event_id=event.id, registration_id=fresh.id).arrived_at
    assert event.doors_at < arrived_at <= clock.now()


def test_a_replayed_id_with_another_body_is_refused(lane: HotLane) -> None:
    event = an_event()
    terminal = a_terminal(event)
    lease, one, other = a_lease(event, terminal, 5), a_guest(event), a_guest(event)
    assert sent(lane, terminal.secret, event, offline(one, lease[0]))[0] == 201
    assert code(sent(lane, terminal.secret, event, offline(other, lease[1]))) == "id_reused"
    _, told = sent(lane, terminal.secret, event, {"items": [offline(other, lease[1])]}, bulk=True)
    assert told["items"][0]["code"] == "id_reused"
    assert Arrival.objects.filter(event_id=event.id).count() == 1


def test_too_much_at_once_is_refused_as_a_whole(lane: HotLane) -> None:
    event = an_event()
    terminal, guest = a_terminal(event), a_guest(event)
    items = [{"ticket": guest.ticket, "id": str(place)} for place in range(1001)]
    assert code(sent(lane, terminal.secret, event, {"items": items}, bulk=True)) == "too_large"
    assert code(sent(lane, terminal.secret, event, b"x" * (8 * 1024 * 1024 + 1), bulk=True)) == "too_large"
    for broken in (b"", b"[", b"\xff", b'{"items": 1}', b'{"items": []}', b"null"):
        assert code(sent(lane, terminal.secret, event, broken, bulk=True)) == "request_invalid"
    assert nobody_came(event)


def test_a_crew_terminal_overrides_nothing_online(lane: HotLane) -> None:
    event = an_event()
    crew, chief, guest = a_terminal(event), a_terminal(event, role="supervisor"), a_guest(event)
    body = {"registration_id": show_id("reg", guest.id)}
    assert code(sent(lane, crew.secret, event, body)) == "scope_missing"
    assert nobody_came(event)
    assert sent(lane, chief.secret, event, body)[0] == 201


def test_nobody_who_was_declined_comes_in_with_the_queue(lane: HotLane) -> None:
    event = an_event()
    terminal = a_terminal(event)
    lease = a_lease(event, terminal, 5)
    for place, state in enumerate(("declined", "cancelled", "waitlisted", "pending")):
        guest = a_guest(event, state=state)
        told = sent(lane, terminal.secret, event, offline(guest, lease[place], id=state))
        assert code(told) == f"registration_{state}"
    assert nobody_came(event)


def test_counts_of_wrong_codes_do_not_outlive_the_event() -> None:
    """They hold phone numbers."""
    over, running = an_event(starts_at=clock.now() - timedelta(days=2)), an_event()
    for event in (over, running):
        Guess.objects.create(
            event_id=event.id, kind="phone", subject="phone:+8610000000000", wrong=1, since=clock.now()
        )
    forget_guesses(before=clock.now() - timedelta(hours=12), now=clock.now(), actor=SYSTEM)
    assert not Guess.objects.filter(event_id=over.id).exists()
    assert Guess.objects.filter(event_id=running.id).exists()
