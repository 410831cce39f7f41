"""Review rules in plain words, and what reviewers type read back into rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext, pgettext

from tessera.events.models import Question
from tessera.events.rules.reviewing import Condition, Policy, Quota, Rule
from tessera.kit.reader import local_day

__all__ = [
    "Row",
    "condition_of_row",
    "labels_of",
    "otherwise_sentence",
    "quota_sentence",
    "row_of_condition",
    "rule_sentence",
    "subjects",
    "then_words",
]

_RANGE = re.compile(r"\s*(-?\d{1,9})?\s*(?:-|–|—|~|至|到|to)\s*(-?\d{1,9})?\s*|\s*(-?\d{1,9})\s*")
_SEPARATORS = re.compile(r"[,，、;；\n]")


@dataclass(frozen=True, slots=True)
class Row:
    """A condition as it is typed: what it is about ("answer:<question>:one_of"), is or is not, and a value."""

    subject: str = ""
    negate: bool = False
    value: str = ""


def subjects(questions: Sequence[Question]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a condition can be about, in groups: (heading, [(value of the choice, words)])."""
    answers = []
    for one in questions:
        label = f"“{one.label}”"
        if one.kind in {"choice", "choices"}:
            answers.append((f"answer:{one.id}:one_of", label))
        elif one.kind == "text":
            answers.append((f"answer:{one.id}:contains", gettext("%s contains") % label))
        elif one.kind == "number":
            answers.append((f"answer:{one.id}:between", label))
        elif one.kind == "date":
            answers.append((f"age:{one.id}:between", gettext("age by %s") % label))
        answers.append((f"answer:{one.id}:answered", gettext("%s is answered") % label))
    guest = [
        ("level::one_of", gettext("membership level")),
        ("member_since::until", gettext("member since, at the latest")),
        ("attended::between", gettext("how often at your earlier events")),
        ("no_shows::between", gettext("how often accepted but not there")),
    ]
    return [(gettext("Answers"), answers), (gettext("The guest"), guest)]


def condition_of_row(row: Row) -> Condition | None:
    """Return the condition that was typed; None for an empty row. Raises ValueError for a value that does not fit."""
    if not row.subject:
        return None
    of, question, test = row.subject.split(":")
    plain = Condition(of=of, test=test, question=question, negate=row.negate)
    if test in {"one_of", "contains"}:
        words = tuple(word for one in _SEPARATORS.split(row.value) if (word := one.strip()))
        if not words:
            raise ValueError
        return replace(plain, words=words)
    if test == "between":
        least, most = _range(row.value)
        return replace(plain, least=least, most=most)
    if test == "until":
        return replace(plain, day=date.fromisoformat(row.value.strip()))
    return plain


def _range(text: str) -> tuple[int | None, int | None]:
    """Read "25-40", "25-", "-40", "3": from, to, both included."""
    found = _RANGE.fullmatch(text.replace("+", "-"))
    if found is None or not any(found.groups()):
        raise ValueError
    if found[3] is not None:
        return int(found[3]), int(found[3])
    least, most = (int(one) if one else None for one in (found[1], found[2]))
    if least is not None and most is not None and least > most:
        raise ValueError
    return least, most


def row_of_condition(one: Condition) -> Row:
    """Return a condition as it would be typed."""
    value = ""
    if one.words:
        value = "、".join(one.words)
    elif one.day:
        value = one.day.isoformat()
    elif one.test == "between" and one.least == one.most:
        value = str(one.least)
    elif one.test == "between":
        value = f"{'' if one.least is None else one.least}-{'' if one.most is None else one.most}"
    return Row(f"{one.of}:{one.question}:{one.test}", one.negate, value)


def then_words() -> dict[str, str]:
    """Return what becomes of a registration, as a rule says it."""
    return {
        "accept": gettext("accept"),
        "decline": pgettext("registration", "decline"),
        "waitlist": gettext("put on the waitlist"),
        "hand": gettext("leave to a reviewer"),
    }


def rule_sentence(rule: Rule, labels: Mapping[str, str]) -> str:
    """Return a rule as one sentence: "If age is 25 to 40 and ...: accept."."""
    then = then_words()[rule.then]
    if not rule.when:
        return gettext("Everybody else: %s.") % then
    joint = gettext(" and ")
    told = joint.join(_told(one, labels) for one in rule.when)
    return gettext("If %(conditions)s: %(then)s.") % {"conditions": told, "then": then}


def _told(one: Condition, labels: Mapping[str, str]) -> str:
    label = labels.get(one.question, "?")
    words = gettext(" or ").join(f"“{word}”" for word in one.words)
    span = _span(one)
    no = one.negate
    if one.of == "answer" and one.test == "answered":
        form = gettext("“%(label)s” is not answered") if no else gettext("“%(label)s” is answered")
    elif one.of == "answer" and one.test == "contains":
        form = (
            gettext("“%(label)s” does not contain %(words)s")
            if no
            else gettext("“%(label)s” contains %(words)s")
        )
    elif one.of == "answer" and one.test == "one_of":
        form = gettext("“%(label)s” is not %(words)s") if no else gettext("“%(label)s” is %(words)s")
    elif one.of == "answer":
        form = gettext("“%(label)s” is not %(span)s") if no else gettext("“%(label)s” is %(span)s")
    else:
        form = _told_of_guest(one)
    day = local_day(one.day) if one.day else ""
    return form % {"label": label, "words": words, "span": span, "day": day}


def _told_of_guest(one: Condition) -> str:
    no = one.negate
    return {
        "age": gettext("the age is not %(span)s") if no else gettext("the age is %(span)s"),
        "level": gettext("the level is not %(words)s") if no else gettext("the level is %(words)s"),
        "member_since": gettext("not a member by %(day)s") if no else gettext("a member by %(day)s"),
        "attended": gettext("came before not %(span)s times")
        if no
        else gettext("came before %(span)s times"),
        "no_shows": gettext("stayed away not %(span)s times")
        if no
        else gettext("stayed away %(span)s times"),
    }[one.of]


def _span(one: Condition) -> str:
    if one.least is not None and one.least == one.most:
        return str(one.least)
    if one.most is None:
        return gettext("%s or more") % one.least
    if one.least is None:
        return gettext("%s or less") % one.most
    return gettext("%(least)s to %(most)s") % {"least": one.least, "most": one.most}


def quota_sentence(quota: Quota, labels: Mapping[str, str], *, limit: int | None) -> str:
    """Return a quota as one sentence; `limit`: how many guests that is now."""
    share = f"{quota.percent}%" if quota.percent is not None else ""
    told = {
        "label": labels.get(quota.question, "?"),
        "answer": quota.answer,
        "share": share,
        "most": limit,
        "then": then_words()[quota.then],
    }
    if share:
        return (
            gettext(
                "At most %(share)s of the places (%(most)s) for “%(label)s”: “%(answer)s”; beyond that: %(then)s."
            )
            % told
        )
    return gettext("At most %(most)s guests with “%(label)s”: “%(answer)s”; beyond that: %(then)s.") % told


def labels_of(questions: Sequence[Question]) -> dict[str, str]:
    """Return the questions' labels by id."""
    return {str(one.id): one.label for one in questions}


def otherwise_sentence(policy: Policy) -> str:
    """Return what becomes of those whom no rule speaks of."""
    return gettext("Whom no rule speaks of: %s.") % then_words()[policy.otherwise]
