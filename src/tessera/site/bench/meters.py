"""Meters of processor time and memory, over whole trees of processes."""

import os
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

__all__ = ["Meter", "children_cpu_s"]

_LOOK_EVERY_S = 0.2


def children_cpu_s() -> float:
    """Return the processor time of all children of this process that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _tree(number: int | None) -> list[psutil.Process]:
    if number is None:
        return []
    try:
        top = psutil.Process(number)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu_s(number: int | None) -> float:
    """Of a tree: what its members used, and what those of its members used that have ended."""
    total = 0.0
    for member in _tree(number):
        with suppress(psutil.NoSuchProcess):
            spent = member.cpu_times()
            total += spent.user + spent.system
            total += getattr(spent, "children_user", 0.0) + getattr(spent, "children_system", 0.0)
    return total


class Meter:
    """While open, measures the trees of PostgreSQL and (unless None) of the web server.

    Afterwards `cpu_s` holds their processor seconds, `peak_bytes` the resident memory of the largest web process.
    """

    def __init__(self, postgres: int, server: int | None) -> None:
        self._trees = {"postgresql": postgres, "server": server}
        self._over = threading.Event()
        self._looks = threading.Thread(target=self._look, daemon=True)
        self.cpu_s: dict[str, float] = {}
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        self._before = {who: _cpu_s(number) for who, number in self._trees.items() if number is not None}
        self._looks.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._looks.join()
        self.cpu_s = {who: _cpu_s(self._trees[who]) - before for who, before in self._before.items()}

    def _look(self) -> None:
        members = _tree(self._trees["server"])
        while members:
            for member in members:
                with suppress(psutil.NoSuchProcess):
                    self.peak_bytes = max(self.peak_bytes, member.memory_info().rss)
            if self._over.wait(_LOOK_EVERY_S):
                return
