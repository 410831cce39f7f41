"""What a guest is found by: words of his appearance, in Chinese and English, misspelled or not (spec/events.md, step 8).

A text becomes tokens, each beginning with the event's mark, so that one index serves all events; kinds of tokens:
`c` what is meant ("red": 红色, crimson; "row2": 第二排, second row), `p` two of these beside each other, `w` a word as
written, `d` a word with one letter left out (two words that differ by one letter share one of these), `b` two Chinese
characters beside each other, `h` one of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from uuid import UUID

from tessera.events.rules.vocabulary import ALSO, CONCEPTS, STOP_HAN, STOP_LATIN

__all__ = ["MOST_GROUPS", "MOST_TOKENS", "Asked", "asked_words", "normal", "words_of"]

MOST_GROUPS = 6
"""So many of the words that are asked for count."""

MOST_TOKENS = 400
"""Of one guest."""

_LONGEST_ASKED = 200
_HAN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_PIECE = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<latin>[^\W\d_{_HAN}]+\d*|\d+)|(?P<end>[^\s\w'’-])")
_NUMERAL = {one: value for value, one in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ORDINAL = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_CARDINAL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SILENT_LATIN = frozenset(STOP_LATIN.split())
_SILENT_HAN = frozenset(STOP_HAN)
_NAMED = {word: place for words in (_ORDINAL, _CARDINAL) for place, word in enumerate(words, 1)}
_ROWS = (
    (re.compile(r"最后一?排|last row"), " back "),
    (re.compile(r"第?([0-9]{1,3}|[一二三四五六七八九十两]{1,3})排"), "row"),
    (re.compile(rf"\b([0-9]{{1,3}})(?:st|nd|rd|th)? row\b|\b({'|'.join(_ORDINAL)}) row\b"), "row"),
    (re.compile(rf"\brow ([0-9]{{1,3}}|{'|'.join(_CARDINAL)})\b"), "row"),
    (re.compile(r"第?([0-9]{1,3}|[一二三四五六七八九十两]{1,3})号?[桌台]"), "table"),
    (re.compile(rf"\btable (?:no\.? ?|number )?([0-9]{{1,3}}|{'|'.join(_CARDINAL)})\b"), "table"),
)
_PLACE = re.compile(r"(?:row|table)[0-9]{1,3}")
_LEAST_MISSPELLED = 4
"""Letters of a word that may be taken for a known one that differs by a letter; that one has five or more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: groups of tokens of which a guest should have one each, and tokens that put him further up.

    `pairs` are things beside each other ("red dress"), `looser` are groups to try where the others find nobody.
    """

    groups: tuple[tuple[str, ...], ...]
    pairs: tuple[str, ...]
    bonus: tuple[str, ...]
    looser: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece of a text: what it means (nothing: unknown) and how it was written."""

    meant: tuple[str, ...]
    written: str
    han: bool
    sure: bool = True


def words_of(event_id: UUID, *texts: str, name: str = "") -> list[str]:
    """Return the tokens by which a guest with these texts and this name is found in the circle of the event.

    A name is found as it is written and means nothing: 小红 wears no red. Source: spec/events.md, step 8.
    """
    found: dict[str, None] = {}
    for clause in _clauses(name):
        found |= dict.fromkeys(_tokens_of([replace(unit, meant=()) for unit in clause]))
    for text in texts:
        for clause in _clauses(text):
            found |= dict.fromkeys(_tokens_of(clause))
    mark = _mark(event_id)
    return [mark + token for token in list(found)[:MOST_TOKENS]]


def asked_words(event_id: UUID, text: str) -> Asked:
    """Return what to look for in the circle of the event when somebody asks for `text`."""
    mark = _mark(event_id)
    groups: dict[tuple[str, ...], None] = {}
    looser: dict[tuple[str, ...], None] = {}
    pairs: dict[str, None] = {}
    bonus: dict[str, None] = {}
    clauses = list(_clauses(text[:_LONGEST_ASKED]))
    for clause in clauses:
        for unit in clause:
            last = unit is clauses[-1][-1]
            for group in _groups_of(unit, last=last):
                groups[tuple(mark + token for token in group)] = None
            for group in _looser_of(unit) or _groups_of(unit, last=last):
                looser[tuple(mark + token for token in group)] = None
            bonus |= dict.fromkeys(mark + token for token in _written_tokens(unit))
        bonus |= dict.fromkeys(mark + token for token in _beside(clause))
        pairs |= dict.fromkeys(mark + token for token in _pairs_of(clause))
    return Asked(
        groups=tuple(groups)[:MOST_GROUPS],
        pairs=tuple(pairs)[:MOST_GROUPS],
        bonus=tuple(bonus)[: 2 * MOST_GROUPS],
        looser=tuple(looser)[:MOST_GROUPS] if looser.keys() != groups.keys() else (),
    )


def normal(text: str) -> str:
    """Return a text as it is compared: one width, small letters, no accents, nothing invisible."""
    small = unicodedata.normalize("NFKC", text).casefold()
    bare = unicodedata.normalize("NFKD", small)
    shown = (one for one in bare if unicodedata.category(one) not in {"Mn", "Cf", "Cc"} or one in "\n\t")
    return unicodedata.normalize("NFC", "".join(shown))


# --- Reading ----------------------------------------------------------------------------------------------------------


def _mark(event_id: UUID) -> str:
    return event_id.hex[-10:]


def _clauses(text: str) -> Iterator[list[_Unit]]:
    """Yield the units of a text, clause by clause; punctuation and line breaks end a clause."""
    clean = normal(text).replace("\n", ";")
    for pattern, word in _ROWS:
        clean = pattern.sub(partial(_place, word), clean)
    clause: list[_Unit] = []
    latin: list[str] = []
    for found in _PIECE.finditer(clean):
        if found["latin"]:
            latin.append(found["latin"])
            continue
        clause += _latin_units(latin)
        latin = []
        if found["han"]:
            clause += _han_units(found["han"])
        elif clause:
            yield clause
            clause = []
    clause += _latin_units(latin)
    if clause:
        yield clause


def _place(word: str, found: "re.Match[str]") -> str:
    """Return "row2" for 第二排 or "second row"; a word of its own (" back ") stands as it is."""
    if word.startswith(" "):
        return word
    written = next(one for one in found.groups() if one)
    number = int(written) if written.isdigit() else _NAMED.get(written) or _numeral(written)
    return f" {word}{number} "


def _numeral(written: str) -> int:
    """Return the number up to 99 that Chinese numerals say."""
    tens, ten, ones = written.partition("十")
    if not ten:
        return _NUMERAL[written[-1]]
    return 10 * (_NUMERAL.get(tens, 1) if tens else 1) + (_NUMERAL.get(ones, 0) if ones else 0)


def _latin_units(words: Sequence[str]) -> list[_Unit]:
    known, _ = _vocabulary()
    units = []
    place = 0
    while place < len(words):
        joined = "_".join(words[place : place + 2])
        if place + 1 < len(words) and joined in known:
            units.append(_Unit(known[joined], joined, han=False))
            place += 2
            continue
        word = words[place]
        place += 1
        if word in _SILENT_LATIN:
            continue
        meant, sure = _meant(word)
        units.append(_Unit(meant, word, han=False, sure=sure))
    return units


@cache
def _meant(word: str) -> tuple[tuple[str, ...], bool]:
    """Return what a Latin word means, and whether it is written so; a word that differs by one letter is taken for it."""
    known, near = _vocabulary()
    if _PLACE.fullmatch(word):
        return (word,), True
    for form in (word, word.removesuffix("s"), word.removesuffix("es"), word + "s"):
        if form in known:
            return known[form], True
    if len(word) >= _LEAST_MISSPELLED and word.isalpha():
        for variant in _left_out(word):
            if variant in near:
                return known[near[variant]], False
    return (), True


def _han_units(run: str) -> list[_Unit]:
    """Cut a run of Chinese characters into known words, the longest first, and what is left between them."""
    known, _ = _vocabulary()
    units: list[_Unit] = []
    unknown = ""
    place = 0
    while place < len(run):
        word = next((run[place : place + n] for n in (4, 3, 2, 1) if run[place : place + n] in known), "")
        if not word and run[place] not in _SILENT_HAN:
            unknown += run[place]
            place += 1
            continue
        if unknown:
            units.append(_Unit((), unknown, han=True))
            unknown = ""
        if word:
            units.append(_Unit(known[word], word, han=True))
        place += len(word) or 1
    if unknown:
        units.append(_Unit((), unknown, han=True))
    return units


@cache
def _vocabulary() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return word -> what it means, and for longer words: the word with a letter left out -> the word."""
    known: dict[str, tuple[str, ...]] = {}
    for concept, words in CONCEPTS.items():
        for word in words.split():
            known[word] = (*known.get(word, ()), concept)
    near = {
        variant: word
        for word in known
        if len(word) > _LEAST_MISSPELLED and word.isascii() and word.isalpha()
        for variant in _left_out(word)
    }
    return known, near


def _left_out(word: str) -> list[str]:
    """Return the word, and the word without each of its letters."""
    return [word, *dict.fromkeys(word[:place] + word[place + 1 :] for place in range(len(word)))]


# --- Tokens -----------------------------------------------------------------------------------------------------------


def _tokens_of(clause: Sequence[_Unit]) -> Iterator[str]:
    for unit in clause:
        for concept in unit.meant:
            yield "c" + concept
            if concept in ALSO:
                yield "c" + ALSO[concept]
        yield from _written_tokens(unit)
        if unit.han:
            yield from ("h" + one for one in unit.written)
        elif not (unit.meant and unit.sure) and len(unit.written) >= _LEAST_MISSPELLED:
            yield from ("d" + variant for variant in _left_out(unit.written))
    yield from _pairs_of(clause)
    yield from _beside(clause)


def _beside(clause: Sequence[_Unit]) -> Iterator[str]:
    written = "".join(unit.written if unit.han else " " for unit in clause)
    return ("b" + one + other for one, other in pairwise(written) if " " not in {one, other})


def _written_tokens(unit: _Unit) -> Iterable[str]:
    if not unit.han:
        return ("w" + unit.written,)
    return ["b" + one + other for one, other in pairwise(unit.written)] or ("h" + unit.written,)


def _pairs_of(clause: Sequence[_Unit]) -> Iterator[str]:
    """Yield what stands beside each other, in whichever order: "red dress", 裙子红色."""
    for unit in clause:
        yield from _paired(unit.meant[:1], unit.meant[1:2])
    for one, other in pairwise(clause):
        yield from _paired(one.meant, other.meant)


def _paired(ones: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    for one in ones:
        for other in others:
            if one != other:
                yield "p" + "+".join(sorted((one, other)))


def _groups_of(unit: _Unit, *, last: bool) -> list[tuple[str, ...]]:
    """Return the groups of which a guest should have one token each."""
    if unit.meant and unit.sure:
        written = list(_written_tokens(unit))
        also = written if len(written) == 1 else []  # it may be part of a name
        return [("c" + concept, *also) for concept in unit.meant]
    if unit.han:
        return [(token,) for token in _written_tokens(unit)]
    alternatives = ["w" + unit.written, *("c" + concept for concept in unit.meant)]
    if last and not unit.meant:
        alternatives += _begun(unit.written)
    if len(unit.written) >= _LEAST_MISSPELLED:
        alternatives += ["d" + variant for variant in _left_out(unit.written)]
    return [tuple(dict.fromkeys(alternatives))]


def _looser_of(unit: _Unit) -> list[tuple[str, ...]]:
    """Return groups that ask less: single characters of what is not known."""
    return [("h" + one,) for one in unit.written] if unit.han and not unit.meant else []


@cache
def _begun(beginning: str) -> list[str]:
    """Return what the words mean that begin so: the last word may still be being typed."""
    known, _ = _vocabulary()
    if len(beginning) < 2 or not beginning.isascii():
        return []
    words = [word for word in known if word.startswith(beginning)]
    return [*dict.fromkeys("c" + concept for word in words for concept in known[word])][:8]
