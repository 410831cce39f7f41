"""Web Push against a push service of this test: encrypted for the browser, signed, removed when gone."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.contrib.sessions.backends.db import SessionStore

from tessera.kit.actors import SYSTEM
from tessera.notices.actions.delivery import deliver_next, spread_notices
from tessera.notices.actions.inbox import send_notice
from tessera.notices.actions.preferences import subscribe_browser
from tessera.notices.errors import BrowserInvalid
from tessera.notices.models import PushSubscription
from tessera.notices.push import allowed_endpoint, load_push_key
from tessera.notices.rules import MOST_ATTEMPTS
from tessera.notices.ways import ways_here
from tessera.people.actions.persons import open_person
from tessera.site.wiring import addresses_of
from tests.cast import NOW, made_up_phone
from tests.notices.page_doors import A_KEY


def text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Service(BaseHTTPRequestHandler):
    """Answers with `status` and keeps what came."""

    status: ClassVar[int] = 201
    came: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.came.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *said: Any) -> None:
        pass


class Browser:
    """What a browser makes when it subscribes."""

    def __init__(self, origin: str) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.endpoint = f"{origin}/send/{text_of(os.urandom(8))}"
        self.public_key, self.auth = text_of(point), os.urandom(16)

    def read(self, body: bytes) -> Any:
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        return json.loads(text)


@pytest.fixture
def origin(settings, tmp_path: Path) -> Iterator[str]:
    """The address of the push service; it is the only one that may be called."""
    Service.status, Service.came = 201, []
    server = HTTPServer(("127.0.0.1", 0), Service)
    address = f"http://127.0.0.1:{server.server_port}"
    settings.TESSERA_PUSH_SERVICES = [address]
    settings.TESSERA_NOTICES = settings.TESSERA_MAIL = "off"
    settings.TESSERA_DATA_DIR = tmp_path
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def subscribe(browser: Browser, person_id: UUID, session_key: str | None = None) -> PushSubscription:
    if session_key is None:
        session = SessionStore()
        session.create()
        session_key = session.session_key
    from django.conf import settings

    return subscribe_browser(
        person_id=person_id,
        endpoint=browser.endpoint,
        public_key=browser.public_key,
        secret=text_of(browser.auth),
        session_key=session_key or "",
        services=settings.TESSERA_PUSH_SERVICES,
        now=NOW,
        actor=SYSTEM,
    )


def member() -> UUID:
    return open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM).id


def told(person_id: UUID) -> None:
    context = {"points": 30, "merchant": "老茶馆"}
    send_notice(
        person_id=person_id,
        kind="points_activated",
        template="points_activated",
        context=context,
        now=NOW,
        actor=SYSTEM,
    )
    spread_notices(ways=ways_here(), addresses=addresses_of, now=NOW, actor=SYSTEM)


def deliver(at: Any = NOW) -> str | None:
    return deliver_next(ways=ways_here(), addresses=addresses_of, now=at, actor=SYSTEM)


def test_the_browser_alone_can_read_what_was_pushed(db: None, origin: str) -> None:
    browser, me = Browser(origin), member()
    subscribe(browser, me)
    told(me)
    assert deliver() == "sent"
    [(path, headers, body)] = Service.came
    assert browser.endpoint.endswith(path)
    assert "老茶馆".encode() not in body
    read = browser.read(body)
    assert read["text"] == "您在老茶馆的 30 积分现在可以使用了。"
    assert (read["title"], read["address"]) == ("Tessera", "/wallet")
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "86400")


def test_the_push_is_signed_with_the_platforms_key(db: None, origin: str, tmp_path: Path) -> None:
    browser, me = Browser(origin), member()
    subscribe(browser, me)
    told(me)
    deliver()
    scheme, _, fields = Service.came[0][1]["authorization"].partition(" ")
    given = dict(field.strip().split("=", 1) for field in fields.split(","))
    head, claims, signature = given["t"].split(".")
    raw = bytes_of(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(given["k"]))
    public.verify(
        encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        f"{head}.{claims}".encode(),
        ec.ECDSA(hashes.SHA256()),
    )
    assert scheme == "vapid"
    assert json.loads(bytes_of(claims))["aud"] == origin
    assert given["k"] == load_push_key(tmp_path).public
    assert (tmp_path / "push_key.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_removed(db: None, origin: str, status: int) -> None:
    Service.status = status
    me = member()
    subscribe(Browser(origin), me)
    told(me)
    assert deliver() == "gone"
    assert PushSubscription.objects.filter(person_id=me).count() == 0
    assert deliver(NOW + timedelta(days=1)) is None


@pytest.mark.parametrize("status", [302, 400, 429, 500])
def test_a_service_that_fails_is_asked_again_a_few_times_and_never_followed(
    db: None, origin: str, status: int
) -> None:
    Service.status = status
    me = member()
    subscribe(Browser(origin), me)
    told(me)
    at = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert deliver(at) == ("failed" if attempt == MOST_ATTEMPTS else "")
        at += timedelta(hours=3)
    assert deliver(at) is None
    assert len(Service.came) == MOST_ATTEMPTS
    assert all("/elsewhere" not in path for path, _, _ in Service.came)
    assert PushSubscription.objects.filter(person_id=me).count() == 1


def test_one_notice_goes_to_each_browser_once_though_one_fails(db: None, origin: str) -> None:
    me = member()
    good, gone = Browser(origin), Browser(origin)
    subscribe(good, me)
    subscribe(gone, me)
    PushSubscription.objects.filter(endpoint=gone.endpoint).update(endpoint="http://127.0.0.1:9/closed")
    told(me)
    outcomes = [deliver(), deliver()]
    assert sorted(map(str, outcomes)) == ["gone", "sent"], "an address that is not allowed any more"
    assert len(Service.came) == 1
    assert deliver(NOW + timedelta(days=1)) is None


def test_nothing_is_pushed_to_a_browser_whose_session_is_over(db: None, origin: str) -> None:
    """The next person at a shared computer must not read the last one's notices."""
    me = member()
    subscribe(Browser(origin), me, session_key="ended")
    told(me)
    assert deliver() == "gone"
    assert Service.came == []


def test_a_browser_belongs_to_who_subscribed_last(db: None, origin: str) -> None:
    browser, first, second = Browser(origin), member(), member()
    subscribe(browser, first)
    subscribe(browser, second)
    told(first)
    assert deliver() is None
    told(second)
    assert deliver() == "sent"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "http://fcm.googleapis.com/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com:bad/x",
        "https://notify.windows.com.evil.example/",
        "",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "https://127.0.0.1\\.notify.windows.com/",
        "https://127.0.0.1%2f.notify.windows.com/",
        "https://127.0.0.1;.notify.windows.com/",
        "https://fcm.googleapis.com\t/x",
        "https://fcm.googleapis.com/\r\nHost: x",
    ],
)
def test_only_known_push_services_are_called(db: None, endpoint: str) -> None:
    services = ["fcm.googleapis.com", ".notify.windows.com"]
    assert not allowed_endpoint(endpoint, services)
    with pytest.raises(BrowserInvalid):
        subscribe_browser(
            person_id=member(), endpoint=endpoint, public_key=A_KEY, secret="a" * 22, session_key="x",
            services=services, now=NOW, actor=SYSTEM,
        )  # fmt: skip
    assert PushSubscription.objects.count() == 0


@pytest.mark.parametrize(
    ("public_key", "secret"),
    [("=", "="), ("", ""), ("中", "中"), ("k", "s"), ("A" * 87, "a" * 22), (A_KEY, "YQ"), (A_KEY, "a" * 80)],
)
def test_keys_that_nobody_can_encrypt_for_are_refused(db: None, public_key: str, secret: str) -> None:
    """Prevents one member's crooked subscription from stopping the notices of everybody behind it."""
    with pytest.raises(BrowserInvalid):
        subscribe_browser(
            person_id=member(), endpoint="https://fcm.googleapis.com/x", public_key=public_key, secret=secret,
            session_key="x", services=["fcm.googleapis.com"], now=NOW, actor=SYSTEM,
        )  # fmt: skip
    assert PushSubscription.objects.count() == 0


def test_a_subscription_that_cannot_be_served_holds_nobody_up(db: None, origin: str) -> None:
    crooked, fine = member(), member()
    row = subscribe(Browser(origin), crooked)
    PushSubscription.objects.filter(pk=row.pk).update(public_key="=")
    subscribe(Browser(origin), fine)
    told(crooked)
    told(fine)
    assert [deliver(), deliver()] == ["", "sent"]


def test_known_services_are_allowed() -> None:
    services = ["fcm.googleapis.com", ".notify.windows.com"]
    assert allowed_endpoint("https://fcm.googleapis.com/fcm/send/a", services)
    assert allowed_endpoint("https://wns2-by3p.notify.windows.com/w/?token=a", services)
