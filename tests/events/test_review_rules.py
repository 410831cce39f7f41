"""Review rules without a database: conditions, order, quotas, trials (spec/events.md, step 3)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.events.rules.answers import Asked, file_kind, read_answers
from tessera.events.rules.kept_policies import parse_policy, written_policy
from tessera.events.rules.reviewing import (
    VERDICTS,
    Facts,
    Policy,
    age_on,
    holds,
    limit_of,
    try_policy,
    verdict_of,
)

DAY = date(2026, 12, 1)


def facts(**known: Any) -> Facts:
    return Facts(**{"answers": {}, "day": DAY, **known})


def rule(then: str, *when: dict[str, Any], reason: str = "") -> dict[str, Any]:
    return {"when": list(when), "then": then, "reason": reason}


def says(kept: dict[str, Any], known: Facts, counts: tuple[int, ...] = (), capacity: int | None = 10) -> str:
    return verdict_of(parse_policy(kept), known, counts, capacity=capacity).then


@pytest.mark.parametrize(
    ("condition", "known", "expected"),
    [
        ({"of": "answer", "question": "q", "test": "one_of", "words": ["Left"]}, {"answers": {"q": "left"}}, True),
        ({"of": "answer", "question": "q", "test": "one_of", "words": ["left"]}, {"answers": {"q": ["up", "left"]}}, True),
        ({"of": "answer", "question": "q", "test": "one_of", "words": ["left"]}, {}, False),
        ({"of": "answer", "question": "q", "test": "one_of", "words": ["left"], "negate": True}, {}, True),
        ({"of": "answer", "question": "q", "test": "contains", "words": ["茶"]}, {"answers": {"q": "喜欢喝茶"}}, True),
        ({"of": "answer", "question": "q", "test": "between", "least": 3, "most": 5}, {"answers": {"q": 5}}, True),
        ({"of": "answer", "question": "q", "test": "between", "least": 3}, {"answers": {"q": 2}}, False),
        ({"of": "answer", "question": "q", "test": "answered"}, {"answers": {"q": 0}}, True),
        ({"of": "age", "question": "q", "test": "between", "least": 25, "most": 40}, {"answers": {"q": "2001-12-01"}}, True),
        ({"of": "age", "question": "q", "test": "between", "least": 25, "most": 40}, {"answers": {"q": "2001-12-02"}}, False),
        ({"of": "age", "question": "q", "test": "between", "least": 25}, {"answers": {"q": "no day"}}, False),
        ({"of": "level", "test": "one_of", "words": ["gold"]}, {"level": "Gold"}, True),
        ({"of": "member_since", "test": "until", "day": "2025-12-31"}, {"member_since": date(2025, 12, 31)}, True),
        ({"of": "member_since", "test": "until", "day": "2025-12-31"}, {}, False),
        ({"of": "attended", "test": "between", "least": 1}, {"attended": 1}, True),
        ({"of": "no_shows", "test": "between", "most": 0}, {"no_shows": 2}, False),
    ],
)  # fmt: skip
def test_conditions(condition: dict[str, Any], known: dict[str, Any], *, expected: bool) -> None:
    [one] = parse_policy({"rules": [rule("accept", condition)]}).rules[0].when
    assert holds(one, facts(**known)) is expected


def test_the_first_rule_that_fits_decides() -> None:
    gold = {"of": "level", "test": "one_of", "words": ["gold"]}
    away = {"of": "no_shows", "test": "between", "least": 2}
    kept = {"rules": [rule("decline", away), rule("accept", gold)], "otherwise": "waitlist"}
    assert says(kept, facts(level="gold", no_shows=2)) == "decline"
    assert says(kept, facts(level="gold")) == "accept"
    assert says(kept, facts()) == "waitlist"


def test_a_quota_holds_back_one_group_only() -> None:
    kept = {
        "rules": [rule("accept")],
        "quotas": [{"question": "q", "answer": "m", "percent": 60, "then": "hand"}],
    }
    assert says(kept, facts(answers={"q": "m"}), (5,)) == "accept"
    assert says(kept, facts(answers={"q": "m"}), (6,)) == "hand"
    assert says(kept, facts(answers={"q": "f"}), (6,)) == "accept"
    [quota] = parse_policy(kept).quotas
    assert (limit_of(quota, capacity=11), limit_of(quota, capacity=None)) == (6, None)


def test_ages_on_leap_days() -> None:
    assert age_on(date(2004, 2, 29), date(2025, 2, 28)) == 20
    assert age_on(date(2004, 2, 29), date(2025, 3, 1)) == 21


@pytest.mark.parametrize(
    ("kept", "place"),
    [
        ({"rules": [{"when": [], "then": "explode"}]}, "rule 1"),
        ({"rules": [rule("accept"), rule("accept", {"of": "age", "test": "between", "least": 3})]}, "rule 2"),
        ({"rules": [rule("accept", {"of": "level", "test": "one_of", "words": []})]}, "rule 1"),
        ({"rules": [rule("accept", {"of": "attended", "test": "between", "least": 3, "most": 1})]}, "rule 1"),
        ({"rules": [rule("accept", {"of": "shoes", "test": "between", "least": 3})]}, "rule 1"),
        ({"quotas": [{"question": "q", "answer": "m", "percent": 101}]}, "quota 1"),
        ({"quotas": [{"question": "q", "answer": "m", "percent": 10, "most": 3}]}, "quota 1"),
        ({"quotas": [{"question": "q", "answer": "m", "most": 3, "then": "accept"}]}, "quota 1"),
        ({"otherwise": "maybe"}, "otherwise"),
    ],
)
def test_what_cannot_be_followed_is_named(kept: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=place):
        parse_policy(kept)


ANSWERS = st.fixed_dictionaries({}, optional={"q": st.sampled_from(["m", "f"]), "n": st.integers(0, 60)})
GUESTS = st.lists(st.builds(lambda a: facts(answers=a), ANSWERS), max_size=40)
RULES = st.lists(
    st.builds(
        lambda then, least: rule(then, {"of": "answer", "question": "n", "test": "between", "least": least}),
        st.sampled_from(VERDICTS),
        st.integers(0, 60),
    ),
    max_size=4,
)
QUOTAS = st.lists(
    st.builds(
        lambda answer, percent: {"question": "q", "answer": answer, "percent": percent},
        st.sampled_from(["m", "f"]),
        st.integers(0, 100),
    ),
    max_size=2,
)


@given(RULES, QUOTAS, GUESTS, st.integers(0, 20), st.sampled_from(VERDICTS))
def test_a_trial_keeps_capacity_and_quotas_and_forgets_nobody(
    rules: list[Any], quotas: list[Any], guests: list[Facts], capacity: int, otherwise: str
) -> None:
    policy = parse_policy({"rules": rules, "quotas": quotas, "otherwise": otherwise})
    trial = try_policy(policy, guests, [0] * len(quotas), capacity=capacity, taken=0)
    assert trial.accept + trial.decline + trial.hand + trial.waitlist == len(guests)
    assert trial.accept <= capacity
    for quota in policy.quotas:
        alone = try_policy(Policy(policy.rules, policy.quotas, policy.otherwise), [g for g in guests if g.answers.get("q") == quota.answer], [0] * len(quotas), capacity=capacity, taken=0)  # fmt: skip
        assert alone.accept <= capacity * (quota.percent or 0) // 100


@given(RULES, QUOTAS, st.sampled_from(VERDICTS))
def test_a_policy_is_read_back_as_it_was_written(rules: list[Any], quotas: list[Any], otherwise: str) -> None:
    policy = parse_policy({"rules": rules, "quotas": quotas, "otherwise": otherwise})
    assert parse_policy(written_policy(policy)) == policy


def test_answers_by_kind() -> None:
    def read(kind: str, value: Any, **terms: Any) -> Any:
        answers, faults = read_answers([Asked("q", kind, "Q", required=True, terms=terms)], {"q": value})
        return faults["q"].code if faults else answers["q"]

    assert read("text", "  tea  ", longest=5) == "tea"
    assert read("text", "x" * 6, longest=5) == "answer_too_long"
    assert read("text", "   ") == "answer_missing"
    assert read("choice", "c", choices=["a"]) == "answer_not_offered"
    assert read("choices", ["a", "a"], choices=["a", "b"], most=1) == ["a"]
    assert read("choices", ["a", "b"], choices=["a", "b"], most=1) == "answer_choices_count"
    assert read("number", "７", least=0, most=9) == 7
    assert read("number", 1.5) == "answer_not_number"
    assert read("number", 10, most=9) == "answer_not_number"
    assert read("date", "2026-02-30") == "answer_not_date"
    assert read("date", "2026-02-03", earliest="2026-03-01") == "answer_day_outside"
    assert read_answers([], {"z": 1})[1]["z"].code == "answer_unknown"


def test_a_file_is_what_its_first_bytes_say() -> None:
    assert file_kind(b"%PDF-1.7") == "application/pdf"
    assert file_kind(b"RIFF\x00\x00\x00\x00WEBPVP8 ") == "image/webp"
    assert file_kind(b"<script>alert(1)</script>") is None
    assert file_kind(b"MZ\x90\x00") is None
