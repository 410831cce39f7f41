"""Many tills at once, and what must be true afterwards whatever happened to the server meanwhile."""

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

TILLS = 32
MEMBERS = 40


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Sent:
    """One request; `answer` is None while nobody has answered it."""

    path: str
    request_id: str
    body: bytes
    answer: Answer | None = None


@dataclass
class Tills:
    """Tills of one merchant on the server at `port`; each waits for its answer before it goes on."""

    secret: str
    port: int
    sent: list[Sent] = field(default_factory=list)
    broken: int = 0
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator["Tills"]:
        """Keep all tills busy while the context is open; afterwards each has its last answer, or none."""
        self._stop.clear()
        working = [
            threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(TILLS)
        ]
        for till in working:
            till.start()
        try:
            yield self
        finally:
            self._stop.set()
            for till in working:
                till.join(90)
        assert not any(till.is_alive() for till in working), "a till never got an answer"

    def stop(self) -> None:
        self._stop.set()

    def answered(self, status: int = 201) -> list[Sent]:
        return [one for one in self.sent if one.answer is not None and one.answer.status == status]

    def wait_for(self, more: int, seconds: float = 60) -> None:
        """Wait until that many more purchases and returns were recorded."""
        until, wanted = time.monotonic() + seconds, len(self.answered()) + more
        while len(self.answered()) < wanted:
            assert time.monotonic() < until, f"{len(self.answered())} of {wanted} answers; {self.said()}"
            time.sleep(0.05)

    def said(self) -> dict[object, int]:
        found: dict[object, int] = {"broken connections": self.broken}
        for one in list(self.sent):
            key: object = one.answer.status if one.answer else "no answer"
            found[key] = found.get(key, 0) + 1
        return found

    def _work(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for turn in itertools.count():
            if self._stop.is_set():
                break
            purchase = self._purchase(number)
            self._send(connection, purchase)
            if (
                turn % 5 == 4
                and purchase.answer
                and purchase.answer.status == 201
                and not self._stop.is_set()
            ):
                self._send(connection, self._return_of(purchase))
        connection.close()

    def _purchase(self, number: int) -> Sent:
        n = next(self._numbers)
        who = n * 7 % MEMBERS
        member = {"phone": f"+8610077{who:06d}"} if n % 2 else {"number": f"S-{who}"}
        lines = [{"sku": "T-1", "quantity": n % 3 + 1, "amount_minor": 1250}, {"sku": "T-2", "quantity": 2}]
        body = {"receipt_number": f"P-{n}", "member": member, "lines": lines}
        return self._noted("/api/v1/purchases", f"till-{number}-{n}", body)

    def _return_of(self, purchase: Sent) -> Sent:
        number = json.loads(purchase.body)["receipt_number"]
        body = {"receipt_number": f"R-{number}", "of_receipt": number}
        return self._noted("/api/v1/returns", f"{purchase.request_id}-back", body)

    def _noted(self, path: str, request_id: str, body: object) -> Sent:
        one = Sent(path, request_id, json.dumps(body).encode())
        self.sent.append(one)
        return one

    def _send(self, connection: http.client.HTTPConnection, one: Sent) -> None:
        try:
            one.answer = ask(connection, self.secret, "POST", one.path, one.body, one.request_id)
        except (OSError, http.client.HTTPException):
            self.broken += 1
            connection.close()  # the next request opens it anew
            time.sleep(0.1)

    def send_again(self) -> list[tuple[Sent, Answer]]:
        """Send everything once more, unchanged; return what was said to each. "Not now" is asked again, as told."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        found = []
        for one in self.sent:
            for _ in range(10):
                answer = ask(connection, self.secret, "POST", one.path, one.body, one.request_id)
                if answer.status != 503:
                    break
                time.sleep(int(answer.headers["retry-after"]))
            found.append((one, answer))
        connection.close()
        return found


def ask(
    connection: http.client.HTTPConnection,
    secret: str,
    method: str,
    path: str,
    body: bytes = b"",
    request_id: str = "",
) -> Answer:
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Accept-Language": "en",
    }
    if request_id:
        headers["Idempotency-Key"] = request_id
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, found, response.read())


# --- what must be true ------------------------------------------------------------------------------------------

_HALF_DONE = {
    "receipts without purchase": """
        SELECT count(*) FROM orders_receipt r WHERE r.kind = 'purchase' AND NOT EXISTS (
            SELECT FROM orders_purchase p WHERE p.member_id = r.member_id AND p.id = r.object_id)""",
    "purchases without receipt": """
        SELECT count(*) FROM orders_purchase p WHERE NOT EXISTS (
            SELECT FROM orders_receipt r WHERE r.merchant_id = p.merchant_id AND r.number = p.receipt_number
                AND r.object_id = p.id)""",
    "purchases without lines": """
        SELECT count(*) FROM orders_purchase p WHERE NOT EXISTS (
            SELECT FROM orders_purchase_line l WHERE l.member_id = p.member_id AND l.purchase_id = p.id)""",
    "purchases without request id": """
        SELECT count(*) FROM orders_purchase p WHERE p.source = 'api' AND NOT EXISTS (
            SELECT FROM kit_request q WHERE q.answer = uuid_send(p.member_id) || uuid_send(p.id))""",
    "purchases without transfer": """
        SELECT count(*) FROM orders_purchase p WHERE p.points > 0 AND NOT EXISTS (
            SELECT FROM ledger_transfer t WHERE t.owner_id = p.member_id AND t.id = p.transfer_id
                AND t.reference_id = p.id AND t.amount = p.points)""",
    "transfers without purchase": """
        SELECT count(*) FROM ledger_transfer t WHERE t.kind = 'accrual' AND NOT EXISTS (
            SELECT FROM orders_purchase p WHERE p.member_id = t.owner_id AND p.transfer_id = t.id)""",
    "returns without receipt": """
        SELECT count(*) FROM orders_return b WHERE NOT EXISTS (
            SELECT FROM orders_receipt r WHERE r.kind = 'return' AND r.object_id = b.id)""",
    "points that are not those of the receipts": """
        SELECT (SELECT coalesce(sum(points), 0) FROM orders_purchase) - (SELECT coalesce(sum(points), 0) FROM orders_return)
             - (SELECT coalesce(sum(CASE a.purpose WHEN 'owed' THEN -a.balance ELSE a.balance END), 0)
                FROM ledger_account a WHERE NOT a.may_go_below_zero)""",
    "points that the merchants did not issue": """
        SELECT coalesce(sum(CASE WHEN a.purpose = 'owed' THEN -a.balance ELSE a.balance END), 0)
             + (SELECT coalesce(sum(s.balance), 0) FROM ledger_stripe s
                JOIN ledger_account h ON h.id = s.account_id AND h.purpose = 'issued')
        FROM ledger_account a WHERE NOT a.may_go_below_zero""",
}


def nothing_is_half_done(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = {name: connection.execute(query.encode()).fetchone()[0] for name, query in _HALF_DONE.items()}
    assert {name: count for name, count in found.items() if count} == {}


def nothing_was_lost(tills: Tills, url: str) -> None:
    """See that what was answered is there once with the same answer, and that the rest is there once or not at all."""
    with psycopg.connect(url) as connection:
        kept = set(_numbers(connection))
    for one in tills.answered():
        assert json.loads(one.body)["receipt_number"] in kept, f"answered, but not there: {one}"
    for one, again in tills.send_again():
        assert again.status == 201, (one, again)
        if json.loads(one.body)["receipt_number"] in kept:
            assert again.headers.get("idempotent-replayed") == "true", (one, again)
        if one.answer is not None and one.answer.status == 201:
            assert json.loads(again.body) == json.loads(one.answer.body)
    with psycopg.connect(url) as connection:
        numbers = _numbers(connection)
    assert sorted(numbers) == sorted(json.loads(one.body)["receipt_number"] for one in tills.sent)


def _numbers(connection: psycopg.Connection) -> list[str]:
    """The receipts of these tills: purchases P-..., returns R-..."""
    rows = connection.execute(
        "SELECT number FROM orders_receipt WHERE number LIKE 'P-%' OR number LIKE 'R-%'"
    )
    return [row[0] for row in rows]


def each_was_told_clearly(tills: Tills) -> None:
    """See that no answer is anything but "recorded" or "not now, in so many seconds, because"."""
    for one in tills.sent:
        if one.answer is not None and one.answer.status != 201:
            assert one.answer.status == 503, one
            assert int(one.answer.headers["retry-after"]) >= 1
            problem = json.loads(one.answer.body)
            assert problem["code"] in {"busy", "database_away"}, problem
            assert problem["detail"].endswith(".")


def audit_is_clean(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tessera", "audit", "--quiet"],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The ledger is sound" in done.stderr


def eventually(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.1)
