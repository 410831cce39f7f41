"""Batches in which the same key may stand twice: the second is asked after the first has been answered."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

__all__ = ["in_rounds"]

C = TypeVar("C")
T = TypeVar("T")


def in_rounds(
    commands: Sequence[C],
    *,
    keys: Callable[[C], set[Hashable]],
    act: Callable[[Sequence[C]], Sequence[T]],
) -> list[T]:
    """Answer the commands by `act`, in order, in as many rounds as one key stands in the batch.

    A command waits for every earlier one with which it shares a key, so the last one of a kind is the latest.
    """
    answers: dict[int, T] = {}
    waiting = list(range(len(commands)))
    while waiting:
        seen: set[Hashable] = set()
        this_round: list[int] = []
        later: list[int] = []
        for index in waiting:
            held = keys(commands[index])
            (later if held & seen else this_round).append(index)
            seen |= held
        answers.update(zip(this_round, act([commands[index] for index in this_round]), strict=True))
        waiting = later
    return [answers[index] for index in range(len(commands))]
