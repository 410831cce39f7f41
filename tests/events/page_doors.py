"""Who gets what at the addresses of the room `events`: the tables of the files doors_*.py beside this one, put together.

In the cast the event is merchant A's and under way; the member has arrived with number 1 and talks with a guest who has
number 2; the guide is crew at the door. The operator and the other owner have nothing to do with it.
"""

from importlib import import_module
from pathlib import Path

from tests.page_doors import PageDoor

DOORS: dict[str, PageDoor] = {
    line: door
    for file in sorted(Path(__file__).parent.glob("doors_*.py"))
    for line, door in import_module(f"tests.events.{file.stem}").DOORS.items()
}
