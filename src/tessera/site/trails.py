"""The audit trail, searched and shown with names: names are looked up when it is read, never kept in it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from tessera.kit.ids import InvalidId, parse_id, show_id
from tessera.kit.models import AuditLine
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.phones import masked_phone
from tessera.merchants.queries import NamedMerchant, api_keys_by_id, merchants_by_id
from tessera.people.queries import persons_by_id
from tessera.site.deeds import ACTORS, KINDS, VERBS

__all__ = [
    "PREFIXES",
    "ShownLine",
    "Sought",
    "iterate_lines",
    "list_verbs",
    "names_of_actors",
    "search_lines",
]

PREFIXES = {
    "person": "per",
    "merchant": "mer",
    "customer": "per",
    "store": "sto",
    "employment": "emp",
    "api_key": "key",
    "product": "prd",
    "category": "cat",
    "notice": "ntc",
    "purchase": "pur",
    "return": "ret",
    "import": "imp",
    "rule": "rul",
    "earning_rule": "rul",
}
_SLACK = timedelta(hours=1)
_PIECE = 500


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; empty words narrow nothing. Ids as addresses carry them."""

    actor: str = ""
    verb: str = ""
    object: str = ""
    merchant: str = ""
    outcome: str = ""
    """"done", "refused" or a refusal's code."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with the names behind its ids."""

    line: AuditLine
    shown_id: str
    actor: str
    actor_id: str
    merchant: str
    merchant_id: str
    object: str

    @property
    def deed(self) -> str:
        """What was done, in the reader's words."""
        return str(VERBS.get(self.line.verb, self.line.verb))

    @property
    def kind(self) -> str:
        """What it was done to, in the reader's words."""
        return str(KINDS.get(self.line.object_kind, self.line.object_kind))


def search_lines(sought: Sought, *, cursor: str | None = None, limit: int = 50) -> Page[ShownLine]:
    """Return lines, newest first. Refuses `cursor_invalid` and `invalid_id`."""
    rows = _matching(sought)
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    page = page_of(list(rows[: limit + 1]), limit=limit, key=lambda line: line.id)
    return Page(items=_named(page.items), next_cursor=page.next_cursor)


def iterate_lines(sought: Sought, *, most: int) -> Iterator[ShownLine]:
    """Yield up to `most` lines, newest first, read piece by piece; refuses as `search_lines`."""
    cursor: str | None = None
    told = 0
    while told < most:
        page = search_lines(sought, cursor=cursor, limit=min(_PIECE, most - told))
        yield from page.items
        told += len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def list_verbs() -> list[str]:
    """Return the verbs of the last five thousand lines, for choosing one."""
    return sorted(set(AuditLine.objects.order_by("-id").values_list("verb", flat=True)[:5000]))


def _matching(sought: Sought) -> "QuerySet[AuditLine]":
    rows = AuditLine.objects.order_by("-id")
    if sought.actor:
        rows = rows.filter(actor=_actor_name(sought.actor.strip()))
    if sought.verb:
        rows = rows.filter(verb=sought.verb.strip())
    if sought.object:
        rows = rows.filter(object_id=_object_id(sought.object.strip()))
    if sought.merchant:
        rows = rows.filter(merchant_id=parse_id("mer", sought.merchant.strip()))
    if sought.outcome == "refused":
        rows = rows.filter(~Q(outcome="done"))
    elif sought.outcome:
        rows = rows.filter(outcome=sought.outcome)
    if sought.since:  # ids begin with the moment of writing: no index by moment is needed
        rows = rows.filter(happened_at__gte=sought.since, id__gte=_id_at(sought.since - _SLACK))
    if sought.until:
        rows = rows.filter(happened_at__lt=sought.until, id__lt=_id_at(sought.until + _SLACK))
    return rows


def _id_at(moment: datetime) -> UUID:
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _actor_name(text: str) -> str:
    """Return how the trail writes the actor that `text` names: an id, or a word."""
    for prefix, kind in (("per", "person"), ("key", "key")):
        if text.startswith(f"{prefix}_"):
            return f"{kind}:{parse_id(prefix, text)}"
    return text


def _object_id(text: str) -> str:
    prefix = text.partition("_")[0]
    try:
        return str(parse_id(prefix, text)) if prefix.isalpha() and "_" in text else text
    except InvalidId:
        return text


def names_of_actors(actors: Collection[str]) -> dict[str, str]:
    """Return what persons (nickname, masked phone number) and keys (label) among these actors are called."""
    kinds: dict[str, set[UUID]] = {"person": set(), "key": set()}
    for actor in actors:
        kind, _, identity = actor.partition(":")
        if kind in kinds and identity:
            kinds[kind].add(UUID(identity))
    names: dict[str, str] = {
        f"person:{one.id}": f"{one.nickname} {masked_phone(one.phone) if one.phone else ''}".strip()
        for one in persons_by_id(kinds["person"]).values()
    }
    return names | {f"key:{one.id}": one.label for one in api_keys_by_id(kinds["key"]).values()}


def _named(lines: Sequence[AuditLine]) -> list[ShownLine]:
    names = names_of_actors({line.actor for line in lines})
    merchants = merchants_by_id({line.merchant_id for line in lines if line.merchant_id})
    return [_shown(line, names, merchants) for line in lines]


def _shown(line: AuditLine, names: Mapping[str, str], merchants: Mapping[UUID, NamedMerchant]) -> ShownLine:
    kind, _, identity = line.actor.partition(":")
    prefix = {"key": "key", "person": "per"}.get(kind)
    merchant = merchants.get(line.merchant_id) if line.merchant_id else None
    return ShownLine(
        line=line,
        shown_id=show_id("aud", line.id),
        actor=names.get(line.actor, "") or str(ACTORS.get(kind, kind)),
        actor_id=show_id(prefix, UUID(identity)) if prefix and identity else kind,
        merchant=merchant.name if merchant else "",
        merchant_id=show_id("mer", line.merchant_id) if line.merchant_id else "",
        object=_object(line),
    )


def _object(line: AuditLine) -> str:
    prefix = PREFIXES.get(line.object_kind)
    try:
        return show_id(prefix, UUID(line.object_id)) if prefix else line.object_id
    except ValueError:
        return line.object_id
