"""What a browser sends, taken in by the event loop before a thread of Django's is asked: a whole body, or none.

A thread that waits for a slow sender is missing everywhere else, and ten of them are all there are. So nobody's body is
waited for in a thread, a stranger may send what a form holds and no more, and large files come a few at a time.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from tessera.kit.errors import Busy, TooLarge
from tessera.site.errors import BodyIncomplete

__all__ = ["MOST_FORM_BYTES", "MOST_UPLOAD_BYTES", "page_body"]

Receive = Callable[[], Awaitable[dict[str, Any]]]

MOST_FORM_BYTES = 256 * 1024
"""What anybody may send: far more than the largest form without a file."""

MOST_UPLOAD_BYTES = 66 * 1024 * 1024
"""What the signed-in may send: the largest file that a page takes, and the form around it."""

_MOST_UPLOADS = 12
"""Bodies over MOST_FORM_BYTES that one web process takes in at the same time; they wait on disk."""

_FORM_WITHIN_S = 30.0
_LEAST_BYTES_A_S = 32 * 1024
"""The pace below which a file is not waited for, after _FORM_WITHIN_S."""

_uploads = 0


async def page_body(headers: dict[bytes, bytes], receive: Receive) -> IO[bytes]:
    """Return the whole body, at its beginning; the caller closes it.

    Refuses `too_large`, at once where its length is announced; `busy` when too many files are coming in, and
    `body_incomplete` for what ends early or takes too long.
    """
    global _uploads  # noqa: PLW0603 - one web process counts its own
    announced = _length(headers)
    chunked = b"transfer-encoding" in headers
    if announced <= MOST_FORM_BYTES and not chunked:
        return await _taken(receive, MOST_FORM_BYTES, _FORM_WITHIN_S)
    most = MOST_UPLOAD_BYTES if await _is_signed_in(headers) else MOST_FORM_BYTES
    if announced > most:
        raise _too_large(most)
    if _uploads >= _MOST_UPLOADS:
        raise Busy(retry_after_s=5)
    _uploads += 1
    try:
        return await _taken(receive, most, _FORM_WITHIN_S + (announced or most) / _LEAST_BYTES_A_S)
    finally:
        _uploads -= 1


async def _taken(receive: Receive, most: int, within_s: float) -> IO[bytes]:
    kept = tempfile.SpooledTemporaryFile(max_size=MOST_FORM_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        async with asyncio.timeout(within_s):
            size, more = 0, True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyIncomplete
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise _too_large(most)
                kept.write(part)
                more = message.get("more_body", False)
    except TimeoutError:
        kept.close()
        raise BodyIncomplete from None
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return kept


def _too_large(most: int) -> TooLarge:
    return TooLarge(most=most // 1024, what="KB")


def _length(headers: dict[bytes, bytes]) -> int:
    given = headers.get(b"content-length", b"0")
    return int(given) if given.isdigit() and len(given) < 16 else 0


async def _is_signed_in(headers: dict[bytes, bytes]) -> bool:
    key = ""
    with suppress(CookieError, KeyError):
        key = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))[settings.SESSION_COOKIE_NAME].value
    return bool(key) and await asyncio.get_running_loop().run_in_executor(None, _names_somebody, key)


def _names_somebody(key: str) -> bool:
    """Look in a thread that no request of Django's will ever tidy: its connection goes back to the pool."""
    try:
        return SESSION_KEY in SessionStore(session_key=key).load()
    finally:
        connection.close()
