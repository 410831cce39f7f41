"""Why something is no rule, in both languages and at the right field."""

import string

import pytest

from tessera.points.errors import RuleInvalid
from tessera.points.rules import TermsInvalid, terms_from
from tessera.points.rules.reasons import REASONS


@pytest.mark.parametrize("code", REASONS)
def test_both_sentences_need_the_same_numbers(code: str) -> None:
    """Prevents a reason that breaks in one language only. Some Chinese sentences name their field in words."""
    told = {
        language: {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        for language, sentence in REASONS[code].items()
    }
    assert set(told) == {"en", "zh-Hans"}
    assert told["zh-Hans"] == told["en"]
    assert not REASONS[code]["zh-Hans"].endswith("。")


def test_a_refusal_says_its_reason_in_the_readers_language() -> None:
    with pytest.raises(TermsInvalid) as caught:
        terms_from("product", {"tiers": [{"quantity": 2, "points": 5}, {"quantity": 5, "points": 6}]})
    refusal = RuleInvalid(**caught.value.details)
    assert refusal.details["field"] == "tiers"
    assert (
        refusal.message("en") == "This is not a rule: 5 pieces would give 6 points, fewer than the 10 for 4."
    )
    assert refusal.message("zh-Hans") == "规则内容有误：5 件只得 6 分，少于 4 件的 10 分。"
