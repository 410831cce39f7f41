"""Everything at once, at one event: whatever comes first, seats and numbers agree with the rows that they count."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from tessera.events.actions.changing import cancel_registration
from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.corrections import accept_correction, ask_correction, swap_correction
from tessera.events.actions.leases import lease_numbers
from tessera.events.actions.publishing import change_capacity
from tessera.events.actions.registering import register_guest
from tessera.events.actions.reviewing import decide_registrations, undo_decision
from tessera.events.actions.undoing import undo_arrival
from tessera.events.actions.walk_ins import WalkIn, take_in_walk_in
from tessera.events.models import (
    Arrival,
    Correction,
    Decision,
    Event,
    Lease,
    Numbering,
    NumberSetAside,
    Registration,
    Seats,
    Terminal,
    UndoneArrival,
)
from tessera.events.rules.door import CheckIn
from tessera.kit import clock
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.edge import repeated
from tessera.kit.ids import new_id
from tessera.kit.lent import lent_connection
from tessera.kit.refusals import Refusal
from tests.cast import made_up_phone
from tests.events.stage import a_person, a_terminal, an_event

pytestmark = pytest.mark.usefixtures("committed")

RUNNERS, DEEDS = 6, 30


class Crowd:
    """One event and all that people do to it, each deed in a transaction of its own."""

    def __init__(self, seed: int) -> None:
        self.event = an_event(capacity=8, review="automatic", number_start=1)
        self.terminals = [Terminal.objects.get(pk=a_terminal(self.event).id) for _ in range(2)]
        self.persons = [a_person()[0] for _ in range(24)]
        self.seed = seed
        self.told: Counter[str] = Counter()

    def by(self) -> dict[str, Any]:
        return {"event_id": self.event.id, "now": clock.now(), "actor": SYSTEM}

    def _any(self, rows: Any, chance: random.Random) -> Any:
        found = list(rows.order_by("id")[:60])
        return chance.choice(found) if found else None

    def register(self, chance: random.Random) -> None:
        person = chance.choice(self.persons)
        by = {**self.by(), "actor": Actor(kind="person", id=person)}
        register_guest(person_id=person, answers={}, text_version="1", source="web", **by)

    def cancel(self, chance: random.Random) -> None:
        row = self._any(Registration.objects.filter(event_id=self.event.id), chance)
        if row:
            cancel_registration(registration_id=row.id, **self.by())

    def decide(self, chance: random.Random) -> None:
        ids = list(Registration.objects.filter(event_id=self.event.id).values_list("id", flat=True))
        verdict = chance.choice(["accept", "decline", "waitlist", "accept"])
        some = chance.sample(ids, min(len(ids), 3))
        decide_registrations(registration_ids=some, verdict=verdict, reason="r", **self.by())

    def undo(self, chance: random.Random) -> None:
        row = Decision.objects.filter(event_id=self.event.id).order_by("-at", "-id")[: chance.randint(1, 6)]
        for one in list(row)[-1:]:
            undo_decision(decision_id=one.id, **self.by())

    def resize(self, chance: random.Random) -> None:
        change_capacity(capacity=chance.choice([6, 8, 10, 12]), **self.by())

    def arrive(self, chance: random.Random) -> None:
        row = self._any(Registration.objects.filter(event_id=self.event.id), chance)
        if row is None:
            return
        lease = Lease.objects.filter(event_id=self.event.id).order_by("?").first()
        lease = lease if chance.random() < 0.5 else None
        terminal = lease.terminal_id if lease else self.terminals[0].id
        number = chance.randint(lease.first_number, lease.last_number) if lease else None
        command = CheckIn(
            event_id=self.event.id, by="guest", given="", registration_id=row.id, actor="t", owner_id=terminal,
            terminal_id=terminal, number=number, request_id=str(new_id()), request_digest=b"0" * 32,
            arrived_at=clock.now() - timedelta(seconds=chance.randint(0, 5)) if lease else None,
        )  # fmt: skip
        [told] = check_in_guests(lent_connection(), [command], now=clock.now())
        self.told[type(told).__name__] += 1

    def walk_in(self, chance: random.Random) -> None:
        lease = Lease.objects.filter(event_id=self.event.id).order_by("?").first()
        lease = lease if chance.random() < 0.4 else None
        terminal = next(one for one in self.terminals if lease is None or one.id == lease.terminal_id)
        walk_in = WalkIn(
            str(new_id()), b"0" * 32, made_up_phone(), "W",
            arrived_at=clock.now() if lease else None,
            number=chance.randint(lease.first_number, lease.last_number) if lease else None,
        )  # fmt: skip
        event = Event.objects.get(pk=self.event.id)
        take_in_walk_in(event=event, terminal=terminal, walk_in=walk_in, now=clock.now(), actor=SYSTEM)

    def take_back(self, chance: random.Random) -> None:
        rows = list(Arrival.objects.filter(event_id=self.event.id))
        if rows:
            undo_arrival(registration_id=chance.choice(rows).registration_id, reason="r", **self.by())

    def lease(self, chance: random.Random) -> None:
        lease_numbers(terminal_id=chance.choice(self.terminals).id, numbers=5, **self.by())

    def correct(self, chance: random.Random) -> None:
        rows = list(Arrival.objects.filter(event_id=self.event.id))
        if rows:
            wanted = chance.choice([None, chance.randint(1, 30), chance.choice(rows).number])
            one = chance.choice(rows)
            ask_correction(registration_id=one.registration_id, wanted_number=wanted, reason="r", **self.by())

    def settle(self, chance: random.Random) -> None:
        asked = self._any(Correction.objects.filter(event_id=self.event.id, state="open"), chance)
        if asked:
            chance.choice([accept_correction, swap_correction])(correction_id=asked.id, **self.by())

    def work(self, runner: int) -> None:
        chance = random.Random(self.seed * 100 + runner)
        deeds: list[Callable[[random.Random], None]] = [
            self.register, self.register, self.register, self.cancel, self.decide, self.undo, self.resize, self.arrive, self.arrive,
            self.arrive, self.walk_in, self.take_back, self.lease, self.correct, self.settle,
        ]  # fmt: skip
        try:
            for _ in range(DEEDS):
                deed = chance.choice(deeds)
                self._once(deed, chance)
        finally:
            connection.close()

    def _once(self, deed: Callable[[random.Random], None], chance: random.Random) -> None:
        def attempt() -> None:
            with transaction.atomic():
                deed(chance)

        try:
            repeated(attempt)
            self.told[deed.__name__] += 1
        except Refusal as refusal:
            self.told[refusal.code] += 1
        except Exception as fault:  # noqa: BLE001 - told below
            self.told[f"fault: {deed.__name__} {fault!r}"[:300]] += 1


def faults(event: Event) -> list[str]:
    """What counts and rows disagree about."""
    seats, numbering = Seats.objects.get(pk=event.id), Numbering.objects.get(pk=event.id)
    rows = Registration.objects.filter(event_id=event.id)
    arrivals = Arrival.objects.filter(event_id=event.id)
    accepted = rows.filter(state="accepted")
    void = set(NumberSetAside.objects.filter(event_id=event.id, kind="void").values_list("number", flat=True))
    numbers = list(arrivals.values_list("number", flat=True))
    undone = set(UndoneArrival.objects.filter(event_id=event.id).values_list("number", flat=True))
    assert seats.capacity is not None
    found = {
        "taken": seats.taken == accepted.count(),
        "capacity": seats.taken <= max(seats.capacity, 0) + seats.over_capacity,
        "arrived": numbering.arrived == len(numbers),
        "unique": len(set(numbers)) == len(numbers),
        "void": not void & set(numbers),
        "undone is void": undone <= void,
        "accepted only": not arrivals.exclude(registration_id__in=accepted.values("id")).exists(),
        "codes": not accepted.filter(code="").exists(),
        "run": not arrivals.filter(number__gte=numbering.next_block).exists(),
        "leases": not Lease.objects.filter(event_id=event.id, last_number__lt=F("first_number")).exists(),
    }
    return [name for name, fine in found.items() if not fine]


@pytest.mark.parametrize("seed", range(6))
def test_seats_and_numbers_hold_whatever_people_do(seed: int) -> None:
    crowd = Crowd(seed)
    runners = [threading.Thread(target=crowd.work, args=(one,)) for one in range(RUNNERS)]
    for one in runners:
        one.start()
    for one in runners:
        one.join()
    assert [told for told in crowd.told if told.startswith("fault")] == []
    assert faults(crowd.event) == [], crowd.told
    assert crowd.told["Checked"] > 3, crowd.told
