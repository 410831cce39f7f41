"""Review policies as they are kept: read from JSON with all that cannot be followed named, and written back."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tessera.events.rules.reviewing import CONDITIONS, VERDICTS, Condition, Policy, Quota, Rule

__all__ = ["MOST_RULES", "parse_policy", "written_policy"]

MOST_RULES = 30
_MOST_WORDS = 50
_LONGEST = 400
_UNKEPT = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL keeps in no text: NUL, and halves of signs."""


def parse_policy(kept: Mapping[str, Any]) -> Policy:
    """Return the policy that JSON holds. Raises ValueError, naming the place ("rule 2"), for what cannot be followed."""
    if not isinstance(kept, dict):
        raise ValueError("rules")  # noqa: TRY004 - the caller says where it is wrong, whatever it is
    rules, quotas = kept.get("rules", []), kept.get("quotas", [])
    otherwise = kept.get("otherwise", "hand")
    if not isinstance(rules, list) or not isinstance(quotas, list) or len(rules) + len(quotas) > MOST_RULES:
        raise ValueError(f"at most {MOST_RULES} rules and quotas")
    if otherwise not in VERDICTS:
        raise ValueError("otherwise")
    return Policy(
        tuple(_placed(f"rule {place}", _rule, one) for place, one in enumerate(rules, 1)),
        tuple(_placed(f"quota {place}", _quota, one) for place, one in enumerate(quotas, 1)),
        otherwise,
    )


def _placed(place: str, read: Any, given: Any) -> Any:
    try:
        return read(given)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(place) from None


def _rule(given: Mapping[str, Any]) -> Rule:
    if given["then"] not in VERDICTS:
        raise ValueError
    return Rule(
        tuple(_condition(one) for one in given["when"]), given["then"], _text(given.get("reason", ""))
    )


def _condition(given: Mapping[str, Any]) -> Condition:
    day = given.get("day")
    condition = Condition(
        of=given["of"],
        test=given["test"],
        question=_text(given.get("question", "")),
        words=tuple(_text(word) for word in given.get("words", []))[:_MOST_WORDS],
        least=_whole(given.get("least")),
        most=_whole(given.get("most")),
        day=date.fromisoformat(day) if day else None,
        negate=given.get("negate", False) is True,
    )
    if condition.test not in CONDITIONS[condition.of]:
        raise ValueError
    needed = {
        "one_of": bool(condition.words),
        "contains": bool(condition.words),
        "between": condition.least is not None or condition.most is not None,
        "until": condition.day is not None,
        "answered": True,
    }
    if not needed[condition.test] or (condition.of in {"answer", "age"} and not condition.question):
        raise ValueError
    if condition.least is not None and condition.most is not None and condition.least > condition.most:
        raise ValueError
    return condition


def _quota(given: Mapping[str, Any]) -> Quota:
    quota = Quota(
        question=_text(given["question"]),
        answer=_text(given["answer"]),
        percent=_whole(given.get("percent")),
        most=_whole(given.get("most")),
        then=given.get("then", "waitlist"),
    )
    share = quota.percent
    if (share is None) == (quota.most is None) or quota.then not in {"decline", "hand", "waitlist"}:
        raise ValueError
    if (share is not None and share > 100) or (quota.most or 0) < 0 or (share or 0) < 0:
        raise ValueError
    if not quota.question or not quota.answer:
        raise ValueError
    return quota


def _whole(given: Any) -> int | None:
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**9):
        return given
    raise ValueError


def _text(given: Any) -> str:
    if isinstance(given, str) and len(given) <= _LONGEST and not _UNKEPT.search(given):
        return given.strip()
    raise ValueError


def written_policy(policy: Policy) -> dict[str, Any]:
    """Return the policy as JSON values; `parse_policy` reads them back."""
    return {
        "rules": [
            {"when": [_plain(one) for one in rule.when], "then": rule.then, "reason": rule.reason}
            for rule in policy.rules
        ],
        "quotas": [
            {"question": q.question, "answer": q.answer, "percent": q.percent, "most": q.most, "then": q.then}
            for q in policy.quotas
        ],
        "otherwise": policy.otherwise,
    }


def _plain(one: Condition) -> dict[str, Any]:
    all_of = {
        "of": one.of, "test": one.test, "question": one.question, "words": list(one.words), "least": one.least,
        "most": one.most, "day": one.day and one.day.isoformat(), "negate": one.negate,
    }  # fmt: skip
    return {name: value for name, value in all_of.items() if value or (value == 0 and value is not False)}
