"""A running server and a browser for the journeys.

    def test_something(site, phone, pc):
        site.sign_in(phone, "member")          # or "cashier", "owner", "operator", ..., or a phone number
        phone.goto("/wallet")                  # addresses are relative to the site
        site.buy("member", ("B-101", 2))       # a purchase over the API

`phone` (390x844, touch) and `pc` (1440x900) are pages of a context of their own; `new_page(...)` makes more, in other
languages and themes. At the end of a test each is asserted to have had no error in its scripts, no breach of the content
policy and no request to another host (`watch.allow(page, "text")` for what the test itself brings about). `launch(*flags)`
starts another Chromium with flags of its own.

While the browser runs, an event loop belongs to this thread: the ORM refuses to work (use `site.rows`), and asyncio.run
needs a thread of its own.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from psycopg import sql

from tests.browsers import FLAGS, LOCALES, SCREENS, find_chromium
from tests.conftest import _cloned, _exists, _maintenance
from tests.ground.ground import serving
from tests.journeys.place import Site
from tests.journeys.watch import Watch, watch
from tests.settings import DATABASE, HOME, OUTSIDE, owner_url

ROOT = Path(__file__).parents[2]
_TOKEN = os.environ["TESSERA_TEST_TOKEN"]


def environment_of(database: str, data_dir: Path) -> dict[str, str]:
    """Return what a `tessera` command needs to work on a database of this run."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}
    found = {
        **bare,
        "DJANGO_SETTINGS_MODULE": "tessera.site.settings",
        "TESSERA_DATA_DIR": str(data_dir),
        "TESSERA_AUTO_MIGRATE": "0",
        "TESSERA_DEMO": "1",
        "TESSERA_CODES_PER_ADDRESS": "1000000",
    }
    if OUTSIDE:
        found.pop("TESSERA_OWNER_DATABASE_URL", None)
        return {**found, "DATABASE_URL": owner_url(database)}
    login = f"postgresql://tessera@/{database}?host={HOME}/run"
    return {**found, "DATABASE_URL": login, "TESSERA_OWNER_DATABASE_URL": owner_url(database)}


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    with (Path(HOME) / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def demo_database(template_database: str) -> tuple[str, dict[str, Any]]:
    """The name of a database with the demo coalition, made once a run, and who is in it."""
    name, told = f"{_TOKEN}_demo", Path(HOME) / "demo.json"
    with _one_at_a_time("demo.lock"):
        if not told.exists():
            fresh = f"{name}_new"
            with _cloned(template_database, fresh):
                command = [sys.executable, "-m", "tests.journeys.stage"]
                done = subprocess.run(
                    command,
                    env=environment_of(fresh, Path(HOME) / "demo"),
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, done.stderr
                with _maintenance() as connection:
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(name)))
            told.write_text(done.stdout)
    with _maintenance() as connection:
        assert _exists(connection, name)
    return name, json.loads(told.read_text())


@pytest.fixture(scope="package")
def site(
    demo_database: tuple[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The product as `tessera serve` runs it, with the demo coalition, on a database of this worker alone."""
    name, told = demo_database
    own, place = f"{DATABASE}_site", tmp_path_factory.mktemp("site") / "d"
    place.mkdir()
    with ExitStack() as stack:
        stack.enter_context(_cloned(name, own))
        server = stack.enter_context(serving(environment_of(own, place), place.parent / "said"))
        yield Site(url=f"http://127.0.0.1:{server.port}", database=owner_url(own), server=server, **told)


def _chromium_or_skip() -> str:
    found = find_chromium()
    if found is None:
        said = "No Chromium was found: install it, or name it in TESSERA_CHROMIUM."
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(said)
        pytest.skip(said)
    return found


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """The driver; of this folder alone, since no other test may find its event loop in the thread."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One Chromium for all journeys of this worker."""
    path = _chromium_or_skip()
    playwright = request.getfixturevalue("playwright")
    running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    yield running
    running.close()


@pytest.fixture
def launch(request: pytest.FixtureRequest) -> Iterator[Callable[..., Browser]]:
    """Start another Chromium with flags of its own; it is closed at the end of the test."""
    path = _chromium_or_skip()
    playwright = request.getfixturevalue("playwright")
    started: list[Browser] = []

    def started_with(*flags: str, **options: Any) -> Browser:
        running = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags], **options)
        started.append(running)
        return running

    yield started_with
    for one in started:
        one.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(site: Site, request: pytest.FixtureRequest) -> Iterator[NewPage]:
    """Make pages, each in a context of its own: a screen, then language="zh" or "en", theme="light" or "dark".

    `within` another browser (of `launch`); `workers=True` lets service workers run; other options are Playwright's.
    """
    opened: list[tuple[BrowserContext, Watch]] = []

    def made(
        screen: str = "phone",
        *,
        language: str = "zh",
        theme: str = "light",
        within: Browser | None = None,
        workers: bool = False,
        **options: Any,
    ) -> Page:
        context = (within or request.getfixturevalue("browser")).new_context(
            base_url=site.url,
            locale=LOCALES.get(language, language),
            color_scheme=theme,
            service_workers="allow" if workers else "block",
            **{**SCREENS[screen], **options},
        )
        context.set_default_timeout(10_000)
        opened.append((context, watch(context, site.url)))
        return context.new_page()

    yield made
    faults = [fault for _, seen in opened for fault in seen.faults]
    for context, _ in opened:
        context.close()
    assert faults == []


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A phone, in Chinese, light."""
    return new_page("phone")


@pytest.fixture
def pc(new_page: NewPage) -> Page:
    """A PC, in Chinese, light."""
    return new_page("pc")
