"""Logs: one line an event on standard error, JSON unless a person is watching, and no personal data in it."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

__all__ = ["configure", "without_personal_data"]

_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT|HINT):.*$\n?", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.-])\+?\d{3}\d{4,9}\d{3}(?![\w.-])")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_QUERY = re.compile(r"\?[^\s\"']*=[^\s\"']*")
_PLAIN = frozenset({"timestamp", "level", "logger", "pid", "event_id"})


def without_personal_data(text: str) -> str:
    """Return `text` without what might be a phone number, an address, a query string or a value from a row."""
    text = _DETAIL.sub("", text)
    text = _QUERY.sub("?…", text)
    text = _ADDRESS.sub("…@…", text)
    return _NUMBER.sub(lambda found: f"{found[0][:3]}…", text)


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key not in _PLAIN and isinstance(value, str):
            event[key] = without_personal_data(value)
    return event


def configure(options: Mapping[str, str]) -> None:
    """Send the logs of this process to standard error; `options["level"]` is the least level shown.

    Django calls it from its settings, so that every process that prepares Django logs alike.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler()
    # Django puts the request, with its body and headers, beside its records: only the words are kept.
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options["level"])
    for name in ("django", "django.server", "_granian", "granian.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    for name in ("httpx", "asyncio", "psycopg.pool", "procrastinate.blueprints", "fido2"):
        logging.getLogger(name).setLevel(logging.WARNING)
