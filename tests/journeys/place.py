"""The site of the journeys: where it is, who is there, and what a test may do besides clicking."""

import http.client
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
from playwright.sync_api import BrowserContext, Page

from tests.ground.ground import Serving


@dataclass(frozen=True)
class Site:
    """A running `tessera serve` with the demo coalition.

    `phones`: "member", "guide", "cashier", "manager", "owner" (of `merchant`), "other" (owner of `other_merchant`),
    "operator", "newcomer". `ids` names one of everything of the bakery; `nasty` is a house of harmful names with its own
    "ids" and "persons". `merchant` is the bakery (SKUs B-101 ... B-203, no pending days), `store` its first store.
    """

    url: str
    ids: Mapping[str, str]
    nasty: Mapping[str, Mapping[str, str]]
    phones: Mapping[str, str]
    merchants: Sequence[str]
    stores: Mapping[str, Sequence[str]]
    keys: Sequence[str]
    database: str
    server: Serving

    @property
    def merchant(self) -> str:
        return self.merchants[0]

    @property
    def other_merchant(self) -> str:
        return self.merchants[1]

    @property
    def store(self) -> str:
        return self.stores[self.merchant][0]

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask (or change) the site's database as its owner; the ORM of the test's own process knows another one."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            done = connection.execute(query, values)  # type: ignore[arg-type]  # a test's own text
            return done.fetchall() if done.description else []

    def sign_in(self, page: Page, who: str) -> None:
        """Sign in `who` (a role of `phones`, a phone number, a person's UUID) on this page's context, without a code."""
        query = "SELECT id, password FROM people_person WHERE phone = %s OR id::text = %s"
        [(person_id, password)] = self.rows(query, [self.phones.get(who, who), who])
        enter(page.context, self, str(person_id), password)

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> tuple[int, Any]:
        """Send an API request (path below /api/v1) with the bakery's key or `key`; return status and answer."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {key or self.keys[0]}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
            "Accept-Language": "en",
        }
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", sent, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def buy(self, who: str, *lines: tuple[str, int], shop: int = 0) -> dict[str, Any]:
        """Record a purchase of (SKU, quantity) lines for a role or phone number over the API; return the answer."""
        status, answer = self.ask(
            "POST",
            "/purchases",
            {
                "receipt_number": f"J-{uuid.uuid4().hex[:12]}",
                "member": {"phone": self.phones.get(who, who)},
                "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines or (("B-101", 2),)],
            },
            key=self.keys[shop],
        )
        assert status in {200, 201}, answer
        return dict(answer)


def enter(context: BrowserContext, site: Site, person_id: str, password: str) -> None:
    """Put a session of this person into the database and its cookie into the browser.

    Its shape is that of django.contrib.sessions and of allauth's records of how somebody signed in.
    """
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils.crypto import get_random_string

    from tessera.people.models import Person

    key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
    text = SessionStore().encode(
        {
            SESSION_KEY: person_id,
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: Person(id=person_id, password=password).get_session_auth_hash(),
            "account_authentication_methods": [{"method": "password", "at": time.time()}],
            "account_authentication_methods_user": person_id,
        }
    )
    until = datetime.now(UTC) + timedelta(days=30)
    site.rows(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)",
        [key, text, until],
    )
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    site.rows(
        "INSERT INTO usersessions_usersession (user_id, created_at, last_seen_at, ip, session_key, user_agent, data)"
        " VALUES (%s, now(), now(), '127.0.0.1', %s, %s, '{}')",
        [person_id, key, agent],
    )
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url, "httpOnly": True}]
    )
