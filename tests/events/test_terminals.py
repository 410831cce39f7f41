"""Terminals: where they stand, and what becomes of a revoked one (spec/events.md, step 5; Offline door)."""

import base64
from datetime import timedelta

import pytest

from tessera.events.actions.crew import (
    add_crew,
    end_crew,
    enrol_terminal,
    revoke_done_terminals,
    revoke_terminal,
)
from tessera.events.errors.crew import AlreadyCrew, CrewEnded, PrinterUnknown, TooManyTerminals
from tessera.events.models import CrewMember, Event, Terminal
from tessera.events.rules.crew import LAST_UPLOAD, MOST_TERMINALS, terminal_is_done
from tessera.events.rules.door import GRACE
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id, show_id
from tests.events.devices import Device
from tests.events.stage import a_guest, a_lease, a_person, a_terminal, an_arrival, an_event
from tests.merchants.keys import a_key

pytestmark = pytest.mark.django_db
NOW = clock.now()


def revoke(event: Event, terminal_id: object) -> None:
    revoke_terminal(event_id=event.id, terminal_id=terminal_id, reason="lost", now=clock.now(), actor=SYSTEM)  # type: ignore[arg-type]  # any id
