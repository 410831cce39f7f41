"""Who listens to which topics, and what was said of them lately."""

import secrets
from collections import Counter, deque
from collections.abc import Collection, Iterable
from typing import Generic, Protocol, TypeVar

from tessera.kit.live import Token, Word

__all__ = ["REFRESH", "Hub"]

REFRESH = "refresh"
"""Told where words may have been missed: the page asks for all that it shows."""

_LATELY = 20_000


class _Hears(Protocol):
    def say(self, event: str, number: str) -> None: ...


P = TypeVar("P", bound=_Hears)


class Hub(Generic[P]):
    """Passes words on to the pages that listen; words are numbered, so that a page that comes again is told what it missed."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(4)
        self._last = 0
        self._lately: deque[tuple[int, Word]] = deque(maxlen=_LATELY)
        self._pages: dict[P, Token] = {}
        self._by_topic: dict[str, set[P]] = {}
        self._by_person: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def number(self) -> str:
        """The last word's number; numbers of another life of this process are not ours."""
        return f"{self._life}-{self._last}"

    def pages(self) -> list[P]:
        """Return all pages that listen."""
        return list(self._pages)

    def count(self, whose: str) -> int:
        """Return how many pages of one person listen."""
        return self._by_person[whose]

    def join(self, page: P, token: Token) -> None:
        """Let the page hear of its token's topics."""
        self._pages[page] = token
        self._by_person[token.whose] += 1
        for topic in token.topics:
            self._by_topic.setdefault(topic, set()).add(page)

    def leave(self, page: P) -> None:
        """Forget the page; one that never joined is not missed."""
        token = self._pages.pop(page, None)
        if token is None:
            return
        self._by_person[token.whose] -= 1
        if not self._by_person[token.whose]:
            del self._by_person[token.whose]
        for topic in token.topics:
            listeners = self._by_topic.get(topic, set())
            listeners.discard(page)
            if not listeners:
                self._by_topic.pop(topic, None)

    def say(self, words: Iterable[Word]) -> None:
        """Number the words and tell them to who listens."""
        for word in words:
            self._last += 1
            self._lately.append((self._last, word))
            topic, event = word
            for page in list(self._by_topic.get(topic, ())):
                page.say(event, self.number)

    def refresh(self) -> None:
        """Have every page ask anew: nobody knows what was said meanwhile. Numbers given before count no longer."""
        self._life = secrets.token_hex(4)
        self._lately.clear()
        for page in self.pages():
            page.say(REFRESH, self.number)

    def missed(self, since: str, topics: Collection[str]) -> list[str]:
        """Return the events of `topics` told after the number `since`; "refresh" where that is not known any more."""
        life, _, text = since.partition("-")
        if not since:
            return []
        after = int(text) if life == self._life and text.isascii() and text.isdigit() else -1
        if after < 0 or after > self._last or (self._last - after > len(self._lately)):
            return [REFRESH]
        wanted = set(topics)
        events = {
            event: None for number, (topic, event) in self._lately if number > after and topic in wanted
        }
        return list(events)
