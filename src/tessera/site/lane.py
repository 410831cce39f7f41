"""The hot lane: a small ASGI app for the contended endpoints, beside Django (docs/decisions: a hot lane beside Django).

A request is checked (API key from a short cache, scope, Idempotency-Key), decoded straight into its command, gathered
into the next commit, answered. Endpoints are declared in their rooms (`kit.hot.HotEndpoint`).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError, connection

from tessera.events.terminals import TERMINAL_START, find_terminal, remembered_terminal
from tessera.kit.actors import Actor
from tessera.kit.connections import connect
from tessera.kit.edge import is_connection_loss, problem_bytes
from tessera.kit.errors import (
    Busy,
    DatabaseAway,
    IdReused,
    MethodNotAllowed,
    NotFound,
    RequestInvalid,
    ScopeMissing,
    TooLarge,
    Unauthenticated,
)
from tessera.kit.group_commit import GroupCommit
from tessera.kit.hot import MOST_IN_BULK, Asked, HotEndpoint
from tessera.kit.ids import new_id, show_id
from tessera.kit.language import preferred_language
from tessera.kit.refusals import Refusal
from tessera.kit.requests import checked_request_id, digest_of, remember_requests
from tessera.merchants.keys import find_key, remembered_key

__all__ = ["HotLane", "known_actor", "refuse", "whole_body"]

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MOST_BYTES = 8 * 1024 * 1024
_BULK_PART = 250
"""Commands of a bulk call that share a transaction: while the database works on one part, the next is prepared."""

_MOST_RECENT = 1_000
"""Addresses with names that are remembered: an event's door asks the same one again and again."""

_JSON = [(b"content-type", b"application/json")]
_REPLAYED = [*_JSON, (b"idempotent-replayed", b"true")]
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger()


class HotLane:
    """Serves the declared endpoints; `serves(path)` says whether a path is one of them.

    `most_waiting` and `most_at_once` bound each group's queue and transaction (kit.group_commit).
    """

    def __init__(self, endpoints: Iterable[HotEndpoint], *, most_waiting: int, most_at_once: int) -> None:
        self._routes: dict[str, tuple[HotEndpoint, bool, dict[str, str]]] = {}
        self._recent: dict[str, tuple[HotEndpoint, bool, dict[str, str]]] = {}
        self._named: list[tuple[re.Pattern[str], HotEndpoint, bool]] = []
        self._groups: dict[str, GroupCommit[Any, Any]] = {}
        self._decoders: dict[type, msgspec.json.Decoder[Any]] = {}
        self._bulk = msgspec.json.Decoder(dict[str, list[msgspec.Raw]])
        self._remember = GroupCommit(
            remember_requests, connect=connect, name="bulk-requests", most_waiting=most_waiting, patience_s=5
        )
        for endpoint in endpoints:
            self._add_route(endpoint.path, endpoint, bulk=False)
            self._add_route(f"{endpoint.path}/bulk", endpoint, bulk=True)
            self._decoders[endpoint.body] = msgspec.json.Decoder(endpoint.body)
            if endpoint.group not in self._groups:
                self._groups[endpoint.group] = GroupCommit(
                    endpoint.handle,
                    connect=connect,
                    name=endpoint.group,
                    most_waiting=most_waiting,
                    most_at_once=most_at_once,
                    threads=2,
                )

    def serves(self, path: str, method: str) -> bool:
        """Say whether this request is for the lane: its paths are its own but for GET, which Django lists with."""
        return method != "GET" and self._route(path) is not None

    def _add_route(self, path: str, endpoint: HotEndpoint, *, bulk: bool) -> None:
        if "{" in path:
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
            self._named.append((pattern, endpoint, bulk))
        else:
            self._routes[path] = (endpoint, bulk, {})

    def _route(self, path: str) -> tuple[HotEndpoint, bool, dict[str, str]] | None:
        """Return the endpoint behind a path, whether its bulk form is meant, and what the path names."""
        if found := self._routes.get(path) or self._recent.get(path):
            return found
        for pattern, endpoint, bulk in self._named:
            if match := pattern.fullmatch(path):
                if len(self._recent) >= _MOST_RECENT:
                    self._recent.clear()
                self._recent[path] = (endpoint, bulk, match.groupdict())
                return self._recent[path]
        return None

    def stop(self) -> None:
        """Carry out what waits, then stop."""
        for group in (self._remember, *self._groups.values()):
            group.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI)."""
        headers = dict(scope["headers"])
        try:
            route = self._route(scope["path"])
            if route is None:
                raise NotFound
            endpoint, bulk, names = route
            if scope["method"] != "POST":
                raise MethodNotAllowed(allowed="POST")
            actor = await known_actor(headers)
            if endpoint.scope not in actor.scopes and "operator" not in actor.scopes:
                raise ScopeMissing(needed=endpoint.scope)
            request_id = checked_request_id(_text(headers.get(b"idempotency-key")))
            body = await whole_body(receive)
            digest = digest_of(b"POST", scope["path"].encode(), body)
            if bulk:
                asked = Asked(actor, _owner(actor), None, b"", names)
                payload = await self._answer_bulk(
                    endpoint, asked, request_id, digest, body, _language(headers)
                )
                await _respond(send, 200, _JSON, payload)
                return
            asked = Asked(actor, _owner(actor), request_id, digest, names)
            command = endpoint.command(self._decoded(endpoint, body), asked)
            [outcome] = await self._groups[endpoint.group].run([command])
            if isinstance(outcome, BaseException):
                raise outcome
            again = _REPLAYED if endpoint.is_repeat(outcome) else _JSON
            await _respond(send, 201, again, _encode(endpoint.shown(outcome)))
        except Refusal as refusal:
            await refuse(send, refusal, headers)
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets a reference to it
            reference = show_id("err", new_id())
            _log.exception("a request failed", reference=reference, path=scope["path"])
            await _respond(send, 500, [(b"content-type", b"application/problem+json")], _fault(reference))

    def _decoded(self, endpoint: HotEndpoint, body: bytes | msgspec.Raw) -> Any:
        try:
            return self._decoders[endpoint.body].decode(body)
        except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RequestInvalid(reason=str(error)) from None

    async def _answer_bulk(
        self, endpoint: HotEndpoint, asked: Asked, request_id: str, digest: bytes, body: bytes, language: str
    ) -> bytes:
        """An answer per item, in order: what a single call would have said, with its status.

        The call's request id is kept with the digest of its body; an item's identity is its receipt number.
        """
        items = self._items(body)
        [reused] = await self._remember.run([(asked.owner_id, request_id, digest)])
        if isinstance(reused, BaseException):
            raise reused
        if reused:
            raise IdReused(request_id=request_id)
        answers: list[Any] = [None] * len(items)
        commands, places = [], []
        for place, raw in enumerate(items):
            try:
                commands.append(endpoint.command(self._decoded(endpoint, raw), asked))
                places.append(place)
            except Refusal as refusal:
                answers[place] = refusal.problem(language)
        group = self._groups[endpoint.group]
        parts = [commands[start : start + _BULK_PART] for start in range(0, len(commands), _BULK_PART)]
        done = await asyncio.gather(*(_part(group, part) for part in parts))
        outcomes = [one for part in done for one in part]
        if outcomes and all(isinstance(outcome, Busy) for outcome in outcomes):
            raise outcomes[0]  # nothing was done: the whole call may come again
        for place, outcome in zip(places, outcomes, strict=True):
            answers[place] = _shown_item(endpoint, outcome, language)
        return _encode({"items": answers})

    def _items(self, body: bytes) -> list[msgspec.Raw]:
        try:
            given = self._bulk.decode(body)
        except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RequestInvalid(reason=str(error)) from None
        if set(given) != {"items"} or not given["items"]:
            raise RequestInvalid(reason='an object with the one field "items", not empty')
        if len(given["items"]) > MOST_IN_BULK:
            raise TooLarge(most=MOST_IN_BULK, what="items")
        return given["items"]


async def _part(group: GroupCommit[Any, Any], commands: list[Any]) -> list[Any]:
    """The outcomes of one part; a full queue refuses each of its items, for other parts may have been taken."""
    try:
        return await group.run(commands)
    except Busy as busy:
        return [busy] * len(commands)


def _shown_item(endpoint: HotEndpoint, outcome: Any, language: str) -> Any:
    if isinstance(outcome, Refusal):
        return outcome.problem(language)
    if isinstance(outcome, BaseException):
        reference = show_id("err", new_id())
        _log.error("an item of a bulk call failed", reference=reference, kind=type(outcome).__name__)
        return {"status": 500, "code": "fault", "details": {"reference": reference}}
    return {"status": 201, "repeat": endpoint.is_repeat(outcome), "answer": endpoint.shown(outcome)}


async def known_actor(headers: dict[bytes, bytes]) -> Actor:
    """Return whose API key stands in the headers; refuses `unauthenticated`, `database_away`."""
    scheme, _, secret = (_text(headers.get(b"authorization")) or "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated
    remembered, find = _credential(secret)
    actor = remembered(secret)
    if actor is None:
        try:
            actor = await asyncio.get_running_loop().run_in_executor(None, _found, find, secret)
        except (DatabaseError, InterfaceError) as error:
            if not is_connection_loss(error):
                raise
            raise DatabaseAway(retry_after_s=2) from error
    if actor is None:
        raise Unauthenticated
    return actor


def _credential(secret: str) -> tuple[Callable[[str], Actor | None], Callable[[str], Actor | None]]:
    """Return how one who shows `secret` is remembered and found: a door's terminal, or an API key."""
    if secret.startswith(TERMINAL_START):
        return remembered_terminal, find_terminal
    return remembered_key, find_key


def _found(find: Callable[[str], Actor | None], secret: str) -> Actor | None:
    """Look a secret up in a thread that no request of Django's will ever tidy: its connection goes back to the pool."""
    try:
        return find(secret)
    finally:
        connection.close()


def _owner(actor: Actor) -> Any:
    if actor.id is None:
        raise Unauthenticated
    return actor.id


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value is not None else None


def _language(headers: dict[bytes, bytes]) -> str:
    return preferred_language(_text(headers.get(b"accept-language")))


async def whole_body(receive: Receive) -> bytes:
    """Return the body, MOST_BYTES at most; refuses `too_large`, `request_invalid`."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > MOST_BYTES:
            raise TooLarge(most=MOST_BYTES, what="bytes")
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestInvalid(reason="the connection ended within the body")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise TooLarge(most=MOST_BYTES, what="bytes")
    return b"".join(parts)


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refusal, asked: dict[bytes, bytes]) -> None:
    """Answer with the problem document of `refusal`, in the language that the request's headers ask for."""
    language = _language(asked)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-language", language.encode()),
        (b"vary", b"Accept-Language"),
    ]
    if isinstance(refusal, Busy) or "retry_after_s" in refusal.details:
        headers.append((b"retry-after", str(refusal.details["retry_after_s"]).encode()))
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", b"POST"))
    await _respond(send, refusal.status, headers, problem_bytes(refusal, language))


def _fault(reference: str) -> bytes:
    return _encode(
        {"type": "urn:tessera:fault", "title": "fault", "status": 500, "code": "fault",
         "detail": f"Something went wrong on our side. Reference: {reference}", "details": {"reference": reference}}
    )  # fmt: skip
