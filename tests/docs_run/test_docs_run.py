"""The examples in the documents work: ```console and ```python blocks are run, page by page.

A `console` block holds lines with `$ ` and what they print; `...` stands for anything. Commands of a page share one
shell. Python blocks of a page share one program, with Django set up. All pages share one database with the demo
coalition and one server, which stands for http://127.0.0.1:8000: each records receipts of its own. A block that cannot
run says why: `<!-- not run: reason -->` before it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.conftest import _cloned
from tests.ground.ground import serving, tessera
from tests.ground.test_backup import operator_environment
from tests.settings import DATABASE

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(
    r"(?P<before>[^\n]*\n)?\n?```(?P<kind>console|python)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    line: int


def blocks_of(text: str) -> Iterator[Block]:
    """Yield the blocks of a page that are to be run."""
    for found in BLOCK.finditer(text):
        if not re.match(r"<!-- not run: \S.*-->", (found["before"] or "").strip()):
            yield Block(found["kind"], found["text"], text.count("\n", 0, found.start("text")) + 1)


def commands_of(block: Block) -> Iterator[tuple[str, str]]:
    """Yield (command, expected output) of a console block; a command goes on after a backslash."""
    command, expected = "", ""
    for line in block.text.splitlines():
        if command.endswith("\\"):
            command += f"\n{line}"
        elif line.startswith("$ "):
            if command:
                yield command, expected
            command, expected = line[2:], ""
        else:
            expected += f"{line}\n"
    if command:
        yield command, expected


def matches(said: str, expected: str) -> bool:
    """Say whether `said` is `expected`, where `...` stands for anything."""
    if not expected.strip():
        return True
    pattern = re.sub(r"([\[\]*?])", r"[\1]", expected.strip()).replace("...", "*")
    return fnmatchcase(said.strip(), pattern)


PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.exists()]
PAGES = [path for path in PAGES if any(blocks_of(path.read_text(encoding="utf-8")))]


@pytest.fixture(scope="module")
def demo(
    template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server of the demo coalition, and the environment in which its operator works."""
    place = tmp_path_factory.mktemp("demo")
    database = f"{DATABASE}_docs"
    with _cloned(template_database, database):
        environment = {
            **operator_environment(database),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "tessera.site.settings",
            "TESSERA_DATA_DIR": str(place / "data"),
        }
        loaded = tessera("demo", environment=environment)
        assert loaded.returncode == 0, loaded.stderr
        with serving(environment, place / "said", "--no-jobs") as server:
            yield f"http://127.0.0.1:{server.port}", environment


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run(page: Path, demo: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    """Prevents documents that were true once."""
    blocks = list(blocks_of(page.read_text(encoding="utf-8")))
    address, environment = demo
    _run_console([block for block in blocks if block.kind == "console"], address, environment, tmp_path)
    _run_python([block for block in blocks if block.kind == "python"], address, environment, tmp_path)


def _run_console(blocks: list[Block], address: str, environment: dict[str, str], place: Path) -> None:
    pairs = [(block.line, *pair) for block in blocks for pair in commands_of(block)]
    if not pairs:
        return
    lines = ["set -e -o pipefail"]
    for number, (_, command, _) in enumerate(pairs):
        lines += [f"echo '<<<{number}>>>'", command.replace(ADDRESS, address)]
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        env=environment, cwd=place, text=True, check=False, timeout=300,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = re.split(r"<<<\d+>>>\n", done.stdout)[1:]
    for (line, command, expected), words in zip(pairs, said, strict=False):
        got = words.replace(address, ADDRESS)
        assert matches(got, expected), f"line {line}: $ {command}\nsaid:\n{got}\nexpected:\n{expected}"
    assert done.returncode == 0, f"line {pairs[len(said) - 1][0]}: {done.stdout[-2000:]}"


def _run_python(blocks: list[Block], address: str, environment: dict[str, str], place: Path) -> None:
    if not blocks:
        return
    program = ["import django", "django.setup()"]
    program += [block.text.replace(ADDRESS, address) for block in blocks]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(program)],
        env=environment, cwd=place, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


PAGE = """
```console
$ echo one \\
  two
one two
$ printf 'a\\nb\\n'
a
...
```

<!-- not run: needs a network -->

```console
$ exit 1
```

```python
assert 1
```
"""


def test_blocks_are_found_and_compared() -> None:
    """Prevents a harness that runs nothing."""
    console, python = blocks_of(PAGE)
    assert list(commands_of(console)) == [
        ("echo one \\\n  two", "one two\n"),
        ("printf 'a\\nb\\n'", "a\n...\n"),
    ]
    assert python.kind == "python"
    assert matches("a\nb\n", "a\n...\n")
    assert not matches("b\n", "a\n...\n")
    assert matches("[x] anything", "")


def test_a_wrong_example_fails(tmp_path: Path) -> None:
    """Prevents a harness that accepts anything."""
    environment = dict(os.environ)
    with pytest.raises(AssertionError, match="said"):
        _run_console([Block("console", "$ echo one\ntwo\n", 1)], ADDRESS, environment, tmp_path)
    with pytest.raises(AssertionError):
        _run_console([Block("console", "$ false\n", 1)], ADDRESS, environment, tmp_path)
    _run_console([Block("console", "$ x=1\n$ echo $x\n1\n", 1)], ADDRESS, environment, tmp_path)
