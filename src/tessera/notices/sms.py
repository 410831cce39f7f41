"""Text messages: the ports by which they leave (TESSERA_SMS).

The built-in ports write to the console or to a file, with the number masked; the text is whole, since a code that nobody
can read opens nothing. A provider is one more function here (docs/how-to/signing-in.md).
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tessera.kit.phones import masked_phone

__all__ = ["SMS_PORTS", "Sms", "SmsPort", "sms_to_console", "sms_to_file"]


@dataclass(frozen=True, slots=True)
class Sms:
    """One text message ready to leave: the number (E.164), the text, what it is for."""

    phone: str
    text: str
    kind: str
    at: datetime

    def line(self) -> str:
        """Return the message as one line of JSON with the phone number masked."""
        shown = {
            "at": self.at.isoformat(),
            "kind": self.kind,
            "phone": masked_phone(self.phone),
            "text": self.text,
        }
        return json.dumps(shown, ensure_ascii=False)


SmsPort = Callable[[Sms, Path], None]
"""Takes a message and the data directory; raises OSError when the message could not leave."""


def sms_to_console(sms: Sms, data_dir: Path) -> None:  # noqa: ARG001 - a port's signature
    """Write the message to standard output."""
    sys.stdout.write(sms.line() + "\n")
    sys.stdout.flush()


def sms_to_file(sms: Sms, data_dir: Path) -> None:
    """Append the message to `sms.jsonl` in the data directory."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "sms.jsonl").open("a", encoding="utf-8") as out:
        out.write(sms.line() + "\n")


SMS_PORTS: dict[str, SmsPort] = {"console": sms_to_console, "file": sms_to_file}
"""Setting TESSERA_SMS -> port; "off" sends nothing."""
