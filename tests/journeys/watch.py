"""What a page may not do while a journey runs: fail in its scripts, break the content policy, ask another host."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

_LIVE = "/live?"
"""Its process may just be starting again (tests kill it); pages then ask now and then, which test_live.py tries."""
_OWN_SCHEMES = {"data", "blob", "about"}
_REPORTS_POLICY = """
addEventListener("securitypolicyviolation", told =>
  console.error(`content policy: ${told.effectiveDirective} ${told.blockedURI}`));
"""


@dataclass
class Watch:
    """The faults of one browser context; texts in `allowed` are expected by the test."""

    host: str
    found: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [one for one in self.found if not any(text in one for text in self.allowed)]

    def note_console(self, said: ConsoleMessage) -> None:
        # a page that answers 4xx is said as an error by the browser; what was refused is the test's to look at
        refused = "Failed to load resource: the server responded with a status of 4" in said.text
        resting = "a status of 503" in said.text and _LIVE in said.location.get("url", "")
        if said.type == "error" and not refused and not resting:
            self.found.append(f"console: {said.text} ({said.location.get('url', '')})")

    def note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in _OWN_SCHEMES and address.netloc != self.host:
            self.found.append(f"another host: {request.url[:200]}")

    def note_response(self, response: Response) -> None:
        if _LIVE in response.url and response.status == 503:
            return
        part = response.request.resource_type not in {"document", "xhr", "fetch", "eventsource"}
        if response.status >= 500 or (part and response.status >= 400):
            self.found.append(f"status {response.status}: {response.url[:200]}")


_watches: WeakKeyDictionary[BrowserContext, Watch] = WeakKeyDictionary()


def watch(context: BrowserContext, url: str) -> Watch:
    """Watch all pages of a context from now on."""
    seen = Watch(urlsplit(url).netloc)
    context.add_init_script(_REPORTS_POLICY)
    context.on("console", seen.note_console)
    context.on("weberror", lambda told: seen.found.append(f"script: {told.error}"))
    context.on("request", seen.note_request)
    context.on("response", seen.note_response)
    _watches[context] = seen
    return seen


def allow(page: Page, *texts: str) -> None:
    """Expect faults that contain one of `texts` on this page's context, such as a network cut by the test."""
    _watches[page.context].allowed += texts


def faults_of(page: Page) -> list[str]:
    """Return what went wrong so far on this page's context."""
    return _watches[page.context].faults
