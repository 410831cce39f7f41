"""docs/reference is what the code says."""

import importlib.machinery
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def _generator() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("reference", str(ROOT / "scripts" / "reference"))
    spec = importlib.util.spec_from_loader("reference", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


GENERATOR = _generator()


@pytest.mark.parametrize("name", ["settings.md", "commands.md", "refusals.md", "api.md", "ids.md"])
def test_page_is_what_the_code_says(name: str) -> None:
    """Prevents a reference that was true once: run scripts/reference after a change of the code."""
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == GENERATOR.pages()[name]


def test_a_setting_without_a_sentence_is_refused() -> None:
    """Prevents a generator that leaves out what it does not know."""
    with pytest.raises(SystemExit, match="TESSERA_NEW"):
        GENERATOR.exactly("settings", {"TESSERA_NEW"}, set())


def test_jobs_are_documented() -> None:
    """Prevents work at night that nobody knows of."""
    page = (ROOT / "docs" / "operating" / "jobs.md").read_text(encoding="utf-8")
    task = re.compile(r"@app\.task\(name=\"([a-z_.]+)\"")
    found = {name for path in (ROOT / "src").rglob("*.py") for name in task.findall(path.read_text("utf-8"))}
    assert found
    assert sorted(name for name in found if f"`{name}`" not in page) == []


def test_decisions_are_numbered_and_shaped_alike() -> None:
    """Prevents decisions without what they cost, and two with one number."""
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert re.search(r"^\d{4}-\d{2}-\d{2} · (accepted|replaced by )", text, re.MULTILINE), page.name
        heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences"], page.name


LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")


@pytest.mark.parametrize(
    "page",
    [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_links_lead_somewhere(page: Path) -> None:
    """Prevents links to pages that were moved or never written."""
    lost = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]
    assert not lost


def test_every_page_is_reachable_from_the_readme() -> None:
    """Prevents a page that nobody finds."""
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        waiting += [page.parent / link for link in LINK.findall(page.read_text(encoding="utf-8"))]
    pages = {path.resolve() for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(str(page.relative_to(ROOT)) for page in pages - seen) == []
