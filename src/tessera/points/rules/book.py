"""The rule book: every version that a merchant had published up to one revision; it never changes."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import EllipsisType
from uuid import UUID

from tessera.points.rules.programme import DEFAULT_PROGRAMME, Programme
from tessera.points.rules.terms import KINDS, CapTerms, Terms

__all__ = ["RuleBook", "RuleVersion", "applies_at"]

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One published wording of an earning rule; moments are UTC, `effective_until` is the first moment after.

    No `store_ids`: in all stores. `position` orders rules of one kind, then the older rule comes first.
    """

    rule_id: UUID
    version: int
    revision: int
    kind: str
    name: str
    position: int
    effective_from: datetime
    effective_until: datetime | None
    store_ids: frozenset[UUID]
    terms: Terms


def applies_at(version: RuleVersion, store_id: UUID | None) -> bool:
    """Return whether the version is for this store (None: a purchase outside of any store)."""
    return not version.store_ids or store_id in version.store_ids


def order_of(version: RuleVersion) -> tuple[int, int, UUID]:
    """Return the sort key of rules: product before category before spend, then position, then age (ids are in time)."""
    return _RANK[version.kind], version.position, version.rule_id


@dataclass(frozen=True)
class RuleBook:
    """All versions up to `revision` of one merchant; what it says about a moment never changes."""

    merchant_id: UUID
    revision: int
    versions: tuple[RuleVersion, ...]
    programmes: tuple[Programme, ...] = ()

    def in_force(self, at: datetime) -> tuple[RuleVersion, ...]:
        """Return the versions in force at `at` (UTC), in the order in which they count.

        Per rule that is the greatest version that has begun; where that one is over, the rule is over: an earlier
        version does not come back.
        """
        place = bisect_right(self._moments, at)
        found = self._slices.get(place)
        if found is None:
            found = self._slices[place] = self._slice(at)
        return found

    def capped(self, at: datetime, store_id: UUID | EllipsisType | None = ...) -> tuple[RuleVersion, ...]:
        """Return the caps in force at `at` (UTC): those for this store (None: for no store), or, without one, all."""
        caps = (version for version in self.in_force(at) if isinstance(version.terms, CapTerms))
        if isinstance(store_id, EllipsisType):
            return tuple(caps)
        return tuple(version for version in caps if applies_at(version, store_id))

    def programme_at(self, at: datetime) -> Programme:
        """Return the programme at `at` (UTC): the greatest version that has begun, else the default."""
        begun = [programme for programme in self.programmes if programme.effective_from <= at]
        return max(begun, key=lambda programme: programme.version, default=DEFAULT_PROGRAMME)

    def latest(self) -> tuple[RuleVersion, ...]:
        """Return the greatest version of every rule, in force or not, in the order in which they count."""
        greatest = {one.rule_id: one for one in sorted(self.versions, key=lambda one: one.version)}
        return tuple(sorted(greatest.values(), key=order_of))

    def with_draft(self, draft: RuleVersion) -> "RuleBook":
        """Return a book in which `draft` stands in the place of all versions of its rule."""
        others = tuple(one for one in self.versions if one.rule_id != draft.rule_id)
        return RuleBook(self.merchant_id, self.revision, (*others, draft), self.programmes)

    def find(self, rule_id: UUID, version: int) -> RuleVersion | None:
        """Return the version with this number or None."""
        return self._by_number.get((rule_id, version))

    @cached_property
    def _by_number(self) -> dict[tuple[UUID, int], RuleVersion]:
        return {(one.rule_id, one.version): one for one in self.versions}

    @cached_property
    def _moments(self) -> list[datetime]:
        begins = {one.effective_from for one in self.versions}
        return sorted(begins | {one.effective_until for one in self.versions if one.effective_until})

    @cached_property
    def _slices(self) -> dict[int, tuple[RuleVersion, ...]]:
        return {}  # between two moments nothing changes: at most one entry for each

    def _slice(self, at: datetime) -> tuple[RuleVersion, ...]:
        greatest: dict[UUID, RuleVersion] = {}
        for one in self.versions:
            known = greatest.get(one.rule_id)
            if one.effective_from <= at and (known is None or known.version < one.version):
                greatest[one.rule_id] = one
        open_ones = [one for one in greatest.values() if is_open(one, at)]
        return tuple(sorted(open_ones, key=order_of))


def is_open(version: RuleVersion, at: datetime) -> bool:
    """Return whether `at` lies in the version's window."""
    return version.effective_from <= at and (version.effective_until is None or at < version.effective_until)
