"""The built wheel gives the command, with everything it reads at run time inside."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.ground.ground import embedded_environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_wheel_holds_what_the_rooms_read(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    kinds = {
        ".py", ".sql", ".html", ".txt", ".css", ".js", ".mjs", ".wasm", ".json", ".toml", ".po", ".mo", ".svg", ".png",
    }  # fmt: skip
    wanted = {
        str(path.relative_to(source))
        for path in source.rglob("*")
        if (path.suffix in kinds or path.name == "LICENSE") and "__pycache__" not in path.parts
    }
    assert wanted - held == set()
    assert not [name for name in held if name.startswith("tests/")]


def test_wheel_installs_and_gives_the_command(wheel: Path, tmp_path: Path) -> None:
    """Into an environment of its own; the packages it needs are those that this one has, so that no network is used."""
    place = tmp_path / "v"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    library = next(place.glob("lib/python3*/site-packages"))
    installed = [path for path in sys.path if path.endswith("site-packages")]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(place / "bin" / "python"),
        "install",
        "--no-deps",
        "--no-index",
    ]
    done = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (library / "needed.pth").write_text("\n".join(installed) + "\n")
    where = [str(place / "bin" / "python"), "-c", "import tessera; print(tessera.__file__)"]
    environment = embedded_environment(tmp_path / "d")
    assert (
        str(place)
        in subprocess.run(where, env=environment, capture_output=True, text=True, check=True).stdout
    )
    for arguments in (["--help"], ["doctor"]):
        done = subprocess.run(
            [str(place / "bin" / "tessera"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.stdout
