"""Every way of saying no: in its place, in both languages, saying the same."""

import importlib
import re
import string

import pytest

from tessera.kit.refusals import LANGUAGES, Refusal, all_refusals
from tests.tidy.source import modules

# kit.errors says what the kit's tools refuse; an id refuses itself, and errors.py may not be below it.
ELSEWHERE = {"tessera.kit.ids"}


def _refusals() -> list[type[Refusal]]:
    for module in modules():
        if module.place.endswith("/errors.py") or "/errors/" in module.place:
            importlib.import_module("tessera." + module.place[:-3].replace("/", "."))
    return sorted(all_refusals().values(), key=lambda kind: kind.code)


REFUSALS = [kind for kind in _refusals() if kind.__module__.startswith("tessera.")]


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.code)
def test_refusal(kind: type[Refusal]) -> None:
    """Prevents a refusal that one reader cannot read, or that tells two readers different things."""
    assert ".errors" in kind.__module__ or kind.__module__ in ELSEWHERE
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.code)
    assert 400 <= kind.status < 600
    assert kind.__doc__
    assert set(kind.sentence) == set(LANGUAGES)
    wanted = {language: _fields(kind.sentence[language]) for language in LANGUAGES}
    assert wanted["en"] == wanted["zh-Hans"], "the two sentences need different details"


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.code)
def test_sentences_are_set_right(kind: type[Refusal]) -> None:
    """Prevents Chinese with half-width punctuation, shouting, and sentences without an end."""
    chinese, english = kind.sentence["zh-Hans"], kind.sentence["en"]
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff][,.;:!?]|[,;:!?][\u4e00-\u9fff]", chinese)
    assert not set("!！") & set(chinese + english)
    assert chinese.endswith("。")
    assert english.endswith(".")
    assert not re.search(r"[\u4e00-\u9fff]", english)


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_codes_are_unique() -> None:
    """Prevents one code with two meanings (`all_refusals` raises when two classes share one)."""
    assert len(REFUSALS) == len({kind.code for kind in REFUSALS})
