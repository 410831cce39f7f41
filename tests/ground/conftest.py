"""A migrated embedded data directory, made once a worker and copied for each test that breaks it."""

import shutil
from pathlib import Path

import pytest

from tests.ground.ground import embedded_environment, tessera


@pytest.fixture(scope="session")
def migrated_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a migrated database that nobody uses; to be copied, not used."""
    place = tmp_path_factory.mktemp("ground") / "d"
    done = tessera("migrate", environment=embedded_environment(place))
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture
def data_dir(migrated_data_dir: Path, tmp_path: Path) -> Path:
    """A migrated data directory of this test alone."""
    place = tmp_path / "d"
    _copy(migrated_data_dir, place)
    return place


def _copy(source: Path, target: Path) -> None:
    """Copy with owners (the cluster may belong to another user when root runs the tests)."""
    shutil.copytree(source, target, symlinks=True, copy_function=_copy_file)
    for place in (source, *source.rglob("*")):
        found = place.lstat()
        shutil.chown(target / place.relative_to(source), found.st_uid, found.st_gid)
    shutil.rmtree(target / "run", ignore_errors=True)


def _copy_file(source: str, target: str) -> None:
    if not Path(source).is_socket():
        shutil.copy2(source, target)
