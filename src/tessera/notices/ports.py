"""Delivery ports: ways out of the house. The built-in ones write to the console or to a file.

Phone numbers are masked in both: a console and a file are read by others.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tessera.kit.phones import masked_phone

__all__ = ["PORTS", "Letter", "Port", "to_console", "to_file"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice ready to leave: its id as shown, where it goes (E.164), and the text in the person's language."""

    notice: str
    phone: str
    language: str
    text: str
    at: datetime

    def line(self) -> str:
        """Return the letter as one line of JSON with the phone number masked."""
        shown = asdict(self) | {"phone": masked_phone(self.phone), "at": self.at.isoformat()}
        return json.dumps(shown, ensure_ascii=False)


Port = Callable[[Letter, Path], None]
"""Takes a letter and the data directory; raises OSError when the letter could not leave."""


def to_console(letter: Letter, data_dir: Path) -> None:
    """Write the letter to standard output."""
    sys.stdout.write(letter.line() + "\n")
    sys.stdout.flush()


def to_file(letter: Letter, data_dir: Path) -> None:
    """Append the letter to `notices.jsonl` in the data directory."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "notices.jsonl").open("a", encoding="utf-8") as out:
        out.write(letter.line() + "\n")


PORTS: dict[str, Port] = {"console": to_console, "file": to_file}
"""Setting TESSERA_NOTICES -> port; "off" delivers nothing, the inbox stays."""
