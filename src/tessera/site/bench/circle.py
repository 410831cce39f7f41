"""Finding a guest of a circle by number or by words of his appearance: the queries alone, no HTTP."""

import itertools
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from tessera.site.bench.again import again

__all__ = ["prepare"]

_COLOURS = ("red", "blue", "green", "black", "white", "红色", "蓝色", "绿色", "黑色", "白色")
_CLOTHES = ("dress", "jacket", "shirt", "coat", "skirt", "连衣裙", "外套", "衬衫", "大衣", "短裙")
_PLACES = ("second row", "by the window", "near the stage", "第二排", "靠窗", "舞台旁边")
_EXTRAS = ("glasses", "hat", "scarf", "眼镜", "帽子", "围巾")


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run: describe the guests of `event` (`fill`), or look one up by `kind` again and again for `seconds`."""
    from tessera.site.command import prepare_django

    prepare_django()
    event_id = UUID(asked["event"])
    if "fill" in asked:
        return lambda: _fill(event_id)
    look = _look(event_id, asked["kind"])
    return again(look, asked["seconds"])


def _appearance(chance: random.Random) -> str:
    return f"{chance.choice(_COLOURS)} {chance.choice(_CLOTHES)}, {chance.choice(_EXTRAS)}, {chance.choice(_PLACES)}"


def _fill(event_id: UUID) -> dict[str, Any]:
    """Let every guest who has arrived say how he looks."""
    from tessera.events.models import Arrival, CircleProfile
    from tessera.events.rules.words import words_of
    from tessera.kit import clock
    from tessera.site.bench.staging import owner_connection

    chance = random.Random(1)  # noqa: S311 - a load is repeatable, not secret
    now = clock.now()
    persons = Arrival.objects.filter(event_id=event_id).values_list("person_id", flat=True)
    rows = (
        _profile(CircleProfile, words_of, event_id, person, _appearance(chance), now) for person in persons
    )
    while part := list(itertools.islice(rows, 1_000)):
        CircleProfile.objects.bulk_create(part)
    with owner_connection() as owner:
        owner.execute("VACUUM (ANALYZE) events_circle_profile, events_arrival")
    return {}


def _profile(kind: Any, words_of: Any, event_id: UUID, person_id: UUID, appearance: str, now: Any) -> Any:
    return kind(
        event_id=event_id,
        person_id=person_id,
        appearance=appearance,
        words=words_of(event_id, appearance),
        changed_at=now,
    )


def _look(event_id: UUID, kind: str) -> Callable[[], None]:
    from tessera.events.queries.circle_search import find_by_words, look_up_number

    chance = random.Random(2)  # noqa: S311 - a load is repeatable, not secret

    def by_number() -> None:
        if look_up_number(event_id, chance.randrange(1, 2_000)) is None:
            raise RuntimeError("a number that was given was not found")

    def by_words() -> None:
        if not find_by_words(event_id, _appearance(chance).replace("glasses", "glases"), limit=20):
            raise RuntimeError("nobody was found by words that many wear")

    return by_number if kind == "number" else by_words
