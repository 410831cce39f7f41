"""A terminal that speaks to the door's API as the page in the crew's browser does."""

import asyncio
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from django.http import HttpResponse
from django.test import Client

from tessera.events.models import Event
from tessera.kit.ids import show_id
from tessera.site.hot_endpoints import HOT_ENDPOINTS
from tessera.site.lane import HotLane
from tests.events.stage import ATerminal

__all__ = ["Device", "lane", "over_lane"]


class Device:
    """One terminal's requests to Django's part of the API."""

    def __init__(self, terminal: ATerminal | str) -> None:
        self.secret = terminal if isinstance(terminal, str) else terminal.secret

    def headers(self, request_id: str | None = None) -> dict[str, str]:
        return {
            "Accept-Language": "en",
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": request_id or str(uuid.uuid4()),
        }

    def get(self, path: str, **asked: Any) -> HttpResponse:
        return Client().get(f"/api/v1/door/{path}", asked, headers=self.headers())

    def post(self, path: str, body: Any, request_id: str | None = None) -> HttpResponse:
        return Client().post(
            f"/api/v1/door/{path}",
            json.dumps(body),
            content_type="application/json",
            headers=self.headers(request_id),
        )

    def walk_in(self, *items: dict[str, Any], request_id: str | None = None) -> list[dict[str, Any]]:
        response = self.post("walk-ins", {"items": items}, request_id)
        assert response.status_code == 200, response.content
        answers: list[dict[str, Any]] = response.json()["items"]
        return answers

    def arrivals(self, event: Event, *, bulk: bool = False) -> str:
        return f"/api/v1/events/{show_id('evt', event.id)}/arrivals{'/bulk' if bulk else ''}"


@pytest.fixture
def lane(committed: None) -> Iterator[HotLane]:
    made = HotLane(HOT_ENDPOINTS, most_waiting=4096, most_at_once=256)
    yield made
    made.stop()


def over_lane(lane: HotLane, asked: Sequence[tuple[str, str, Any]]) -> list[httpx.Response]:
    """Send (secret, path, body) all at once through the hot lane."""

    async def work() -> list[httpx.Response]:
        transport = httpx.ASGITransport(lane, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
            return await asyncio.gather(
                *(
                    client.post(
                        path,
                        content=body if isinstance(body, bytes) else json.dumps(body).encode(),
                        headers={
                            "Authorization": f"Bearer {secret}",
                            "Idempotency-Key": str(uuid.uuid4()),
                            "Accept-Language": "en",
                        },
                    )
                    for secret, path, body in asked
                )
            )

    return asyncio.run(work())
