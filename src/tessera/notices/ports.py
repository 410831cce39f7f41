"""Delivery ports: ways out of the house. The built-in ones write to the console or to a file.

Phone numbers and e-mail addresses are masked in both: a console and a file are read by others.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from smtplib import SMTPException

from django.core.mail import EmailMessage

from tessera.kit.phones import masked_phone

__all__ = [
    "MAIL_PORTS",
    "PORTS",
    "Letter",
    "Mail",
    "MailPort",
    "Port",
    "masked_mail",
    "to_console",
    "to_file",
]


def masked_mail(address: str) -> str:
    """Return an e-mail address as others may see it: "a***@example.org"."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


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


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail ready to leave."""

    address: str
    subject: str
    text: str
    at: datetime

    def line(self) -> str:
        """Return the mail as one line of JSON with the address masked."""
        shown = asdict(self) | {"address": masked_mail(self.address), "at": self.at.isoformat()}
        return json.dumps(shown, ensure_ascii=False)


Port = Callable[[Letter, Path], None]
"""Takes a letter and the data directory; raises OSError when the letter could not leave."""

MailPort = Callable[[Mail, Path], None]
"""The same for an e-mail."""


def to_console(letter: Letter | Mail, data_dir: Path) -> None:
    """Write the letter to standard output."""
    sys.stdout.write(letter.line() + "\n")
    sys.stdout.flush()


def to_file(letter: Letter | Mail, data_dir: Path) -> None:
    """Append the letter to `notices.jsonl`, a mail to `mail.jsonl`, in the data directory."""
    data_dir.mkdir(parents=True, exist_ok=True)
    name = "mail.jsonl" if isinstance(letter, Mail) else "notices.jsonl"
    with (data_dir / name).open("a", encoding="utf-8") as out:
        out.write(letter.line() + "\n")


def to_mail_server(mail: Mail, data_dir: Path) -> None:
    """Send the mail by Django's e-mail backend (settings EMAIL_*); what the server refuses counts as not sent."""
    try:
        EmailMessage(subject=mail.subject, body=mail.text, to=[mail.address]).send()
    except SMTPException as fault:
        raise OSError(type(fault).__name__) from None


PORTS: dict[str, Port] = {"console": to_console, "file": to_file}
"""Setting TESSERA_NOTICES -> port; "off" delivers nothing, the inbox stays."""

MAIL_PORTS: dict[str, MailPort] = {"console": to_console, "file": to_file, "smtp": to_mail_server}
"""Setting TESSERA_MAIL -> port; "off" sends no e-mail."""
