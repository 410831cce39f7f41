"""Hot endpoints are declared once, in their room's api; the lane in `site` serves them without Django's request stack.

See docs/decisions (a hot lane beside Django) and docs/internals/hot-lane.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tessera.kit.actors import Actor

__all__ = ["MOST_IN_BULK", "Asked", "HotEndpoint"]

MOST_IN_BULK = 1_000
"""Most commands of one bulk call."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and under which request id (None: an item of a bulk call, its natural key identifies it).

    `names` are what the address names: `/events/{event}/arrivals` gives "event".
    """

    actor: Actor
    owner_id: UUID
    request_id: str | None
    digest: bytes
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HotEndpoint:
    """One contended command over HTTP: `POST path` for one, `POST path/bulk` for up to MOST_IN_BULK.

    A part of `path` may be a name in braces ("/api/v1/events/{event}/arrivals").

    `group` names the queue: endpoints of one group are committed together by one `handle`. `body` is the msgspec
    struct of a request; `command(body, asked)` makes the command or raises a Refusal; `handle(connection, commands)`
    answers each with an outcome or a Refusal; `shown(outcome)` is the msgspec struct of the answer, of type `answer`;
    `is_repeat(outcome)` says whether it had been recorded before.
    """

    name: str
    summary: str
    path: str
    group: str
    scope: str
    body: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    command: Callable[[Any, Asked], Any]
    handle: Callable[[psycopg.Connection[Any], Sequence[Any]], Sequence[Any]]
    shown: Callable[[Any], msgspec.Struct]
    is_repeat: Callable[[Any], bool]
    tag: str
