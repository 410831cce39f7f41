"""Review by rule: ordered rules on answers, age, level, membership and past attendance, and quotas (spec/events.md, step 3).

The first rule whose conditions all hold says what becomes of a registration. A quota holds back acceptances beyond so many
guests with one answer; its share is one of the capacity, so that it is exact from the first guest on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

__all__ = [
    "CONDITIONS",
    "VERDICTS",
    "Condition",
    "Facts",
    "Policy",
    "Quota",
    "Rule",
    "Trial",
    "Verdict",
    "age_on",
    "full_quota",
    "has_answer",
    "holds",
    "limit_of",
    "try_policy",
    "verdict_of",
]

VERDICTS = ("accept", "decline", "hand", "waitlist")

CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "answer": ("one_of", "contains", "between", "answered"),
    "age": ("between",),
    "level": ("one_of",),
    "member_since": ("until",),
    "attended": ("between",),
    "no_shows": ("between",),
}
"""What a condition is about -> how it may be tested."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `of` and `test`: see CONDITIONS; `negate`: it must not hold.

    `words` for "one_of" and "contains", `least` and `most` (both included, None: open) for "between", `day` for "until".
    """

    of: str
    test: str
    question: str = ""
    words: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    day: date | None = None
    negate: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """When all conditions hold (none: always), then "accept", "decline", "hand" or "waitlist"; guests are told `reason`."""

    when: tuple[Condition, ...]
    then: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `percent` of the capacity, or `most` guests, may be accepted with `answer`; others get `then`."""

    question: str
    answer: str
    percent: int | None = None
    most: int | None = None
    then: str = "waitlist"


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in order, quotas, and what becomes of those whom no rule speaks of."""

    rules: tuple[Rule, ...] = ()
    quotas: tuple[Quota, ...] = ()
    otherwise: str = "hand"


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at. `day`: the day of the event; `attended` and `no_shows`: at the organiser's earlier events."""

    answers: Mapping[str, Any]
    day: date
    level: str = ""
    member_since: date | None = None
    attended: int = 0
    no_shows: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says: `rule` is "3" (the third rule), "quota 1", or "" where no rule spoke."""

    then: str
    reason: str = ""
    rule: str = ""


@dataclass(slots=True)
class Trial:
    """What a policy would do with registrations: how many of each verdict, how often each rule spoke."""

    accept: int = 0
    decline: int = 0
    hand: int = 0
    waitlist: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)


def age_on(born: date, day: date) -> int:
    """Return the age in full years on `day`; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def limit_of(quota: Quota, *, capacity: int | None) -> int | None:
    """Return how many guests the quota allows, rounded down; None: as many as like (a share, and no capacity)."""
    if quota.most is not None:
        return quota.most
    return None if capacity is None else capacity * (quota.percent or 0) // 100


def holds(condition: Condition, facts: Facts) -> bool:
    """Say whether the condition holds; what is not known holds nothing, and its negation does."""
    return _plainly(condition, facts) is not condition.negate


def _plainly(condition: Condition, facts: Facts) -> bool:
    if condition.of == "answer":
        return _of_answer(condition, facts.answers.get(condition.question))
    if condition.of == "age":
        born = _day(facts.answers.get(condition.question))
        return born is not None and _between(condition, age_on(born, facts.day))
    if condition.of == "level":
        return bool(facts.level) and facts.level.casefold() in _folded(condition.words)
    if condition.of == "member_since":
        since = facts.member_since
        return since is not None and condition.day is not None and since <= condition.day
    return _between(condition, facts.attended if condition.of == "attended" else facts.no_shows)


def _of_answer(condition: Condition, given: Any) -> bool:
    if given in (None, "", []):
        return False
    if condition.test == "answered":
        return True
    if condition.test == "between":
        return isinstance(given, int) and not isinstance(given, bool) and _between(condition, given)
    said = [str(one).casefold() for one in (given if isinstance(given, list) else [given])]
    words = _folded(condition.words)
    if condition.test == "contains":
        return any(word in one for word in words for one in said)
    return any(one in words for one in said)


def _folded(words: Sequence[str]) -> set[str]:
    return {word.casefold() for word in words}


def _between(condition: Condition, number: int) -> bool:
    above = condition.least is None or number >= condition.least
    return above and (condition.most is None or number <= condition.most)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def has_answer(answers: Mapping[str, Any], quota: Quota) -> bool:
    """Say whether the answers are those that the quota counts."""
    given = answers.get(quota.question)
    return quota.answer in given if isinstance(given, list) else given == quota.answer


def full_quota(
    policy: Policy, answers: Mapping[str, Any], counts: Sequence[int], *, capacity: int | None
) -> int | None:
    """Return the place of the first quota that lets no further guest with these answers in; None: all let him in."""
    for place, quota in enumerate(policy.quotas):
        most = limit_of(quota, capacity=capacity)
        if most is not None and counts[place] >= most and has_answer(answers, quota):
            return place
    return None


def verdict_of(policy: Policy, facts: Facts, counts: Sequence[int], *, capacity: int | None) -> Verdict:
    """Return what the policy says of one registration; `counts`: accepted guests per quota, in the policy's order."""
    found = next(
        (
            Verdict(rule.then, rule.reason, str(place))
            for place, rule in enumerate(policy.rules, 1)
            if all(holds(condition, facts) for condition in rule.when)
        ),
        Verdict(policy.otherwise),
    )
    if found.then != "accept":
        return found
    full = full_quota(policy, facts.answers, counts, capacity=capacity)
    return found if full is None else Verdict(policy.quotas[full].then, "", f"quota {full + 1}")


def try_policy(
    policy: Policy, guests: Sequence[Facts], counts: Sequence[int], *, capacity: int | None, taken: int
) -> Trial:
    """Return what the policy would do with the guests, one after another; who finds no seat is waitlisted."""
    trial, standing = Trial(), list(counts)
    for facts in guests:
        verdict = verdict_of(policy, facts, standing, capacity=capacity)
        then = verdict.then
        if then == "accept" and capacity is not None and taken >= capacity:
            then = "waitlist"
        elif then == "accept":
            taken += 1
            for place, quota in enumerate(policy.quotas):
                standing[place] += has_answer(facts.answers, quota)
        setattr(trial, then, getattr(trial, then) + 1)
        trial.by_rule[verdict.rule] = trial.by_rule.get(verdict.rule, 0) + 1
    return trial
