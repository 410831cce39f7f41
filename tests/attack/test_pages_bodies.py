"""Bodies that strangers send to pages: slow, huge, in pieces, or never ending."""

import asyncio
from typing import Any

import pytest

from tessera.site import bodies


def _request(path: str, *headers: tuple[bytes, bytes], method: str = "POST") -> dict[str, Any]:
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept-language", b"en"), *headers],
        "server": ("localhost", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip


def _form(length: int) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", b"%d" % length),
        (b"cookie", b"tessera_csrf=" + b"a" * 32),
    )


async def _answer(
    request: dict[str, Any], *parts: bytes, wait: asyncio.Event | None = None
) -> tuple[int, str, int]:
    """Return status, body, and how many bytes were taken."""
    from tessera.site.asgi import application

    waiting, sent, taken = list(parts) or [b""], [], 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if wait is not None:
            await wait.wait()
        if not waiting:
            return {"type": "http.disconnect"}
        part = waiting.pop(0)
        taken += len(part)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(request, receive, send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:]).decode(), taken


def test_ten_slow_visitors_hold_no_page_up(committed: None) -> None:
    """Prevents twelve unfinished sign-in forms, of nobody in particular, from stopping every page for everybody."""

    async def work() -> list[int]:
        arrived = asyncio.Event()
        slow = [
            asyncio.create_task(_answer(_request("/sign-in", *_form(8)), b"phone=", b"1 ", wait=arrived))
            for _ in range(15)
        ]
        await asyncio.sleep(0.3)
        status, *_ = await asyncio.wait_for(_answer(_request("/healthz", method="GET")), timeout=10)
        arrived.set()
        return [status, *(answered for answered, *_ in await asyncio.gather(*slow))]

    assert asyncio.run(work()) == [200, *[403] * 15]


def test_a_visitor_fills_no_disk(committed: None) -> None:
    """Prevents files without end from being written to disk before anybody asks whose they are."""
    announced = asyncio.run(_answer(_request("/sign-in", *_form(300 * 1024 * 1024)), b"x" * 1024))
    assert announced[0] == 413
    assert "256 KB" in announced[1]
    assert announced[2] == 0
    chunked = _request("/sign-in", (b"transfer-encoding", b"chunked"))
    status, _, taken = asyncio.run(_answer(chunked, *[b"x" * 65536] * 50))
    assert status == 413
    assert taken <= bodies.MOST_FORM_BYTES + 65536


def test_a_made_up_session_opens_no_larger_door(committed: None) -> None:
    headers = [*_form(1024 * 1024)[:2], (b"cookie", b"tessera_session=" + b"q" * 32)]
    assert asyncio.run(_answer(_request("/sign-in", *headers), b"x"))[0] == 413


def test_what_never_ends_is_given_up(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_FORM_WITHIN_S", 0.2)
    never = _answer(_request("/sign-in", *_form(8)), b"phone=1 ", wait=asyncio.Event())
    status, said, _ = asyncio.run(asyncio.wait_for(never, timeout=10))
    assert status == 408
    assert "did not arrive in full" in said


def test_what_breaks_off_is_refused_as_a_whole(committed: None) -> None:
    async def broken() -> int:
        from tessera.site.asgi import application

        sent: list[dict[str, Any]] = []
        parts = [{"type": "http.request", "body": b"pho", "more_body": True}, {"type": "http.disconnect"}]

        async def receive() -> dict[str, Any]:
            return parts.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await application(_request("/sign-in", *_form(8)), receive, send)
        return int(sent[0]["status"])

    assert asyncio.run(broken()) == 408


def test_a_form_in_chunks_arrives_whole(committed: None) -> None:
    """Prevents a form without Content-Length from being taken for an empty one: its language is set."""
    token = b"csrfmiddlewaretoken=" + b"a" * 32
    request = _request(
        "/language",
        (b"transfer-encoding", b"chunked"),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"cookie", b"tessera_csrf=" + b"a" * 32),
        (b"origin", b"http://localhost"),
    )
    status, *_ = asyncio.run(_answer(request, token[:9], token[9:] + b"&language=en&next=/offline"))
    assert status == 303
