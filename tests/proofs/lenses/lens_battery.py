"""Every lens at every place of every project of the gallery: lens_battery [NAME …].

Projects of full size are left out. Prints what is wrong, and the
slowest look of each lens; ends with 1 where anything is wrong.
"""

from __future__ import annotations

import sys
from time import perf_counter

from app.shell.startup import make_application
from engine.document.storage import gallery
from tests.gallery.held import FULL_SIZE
from tests.gallery.lens_battery import try_project
from tests.gallery.test_gallery import made_small


def main(arguments: list[str]) -> int:
    application = make_application()
    names = arguments or [one.name for one in gallery.templates() if one.name not in FULL_SIZE]
    wrong, pictures = 0, 0
    slowest: dict[str, tuple[float, str]] = {}
    for name in names:
        start = perf_counter()
        tried = try_project(made_small(name))
        assert tried.faults is not None
        assert tried.slowest is not None
        for fault in tried.faults:
            print(f"WRONG {name}: {fault}", flush=True)
        for kind, seconds in tried.slowest.items():
            slowest[kind] = max(slowest.get(kind, (0.0, "")), (seconds, name))
        wrong, pictures = wrong + len(tried.faults), pictures + tried.pictures
        took = perf_counter() - start
        print(f"{name}: {tried.pictures} pictures, {len(tried.faults)} wrong, {took:.1f} s", flush=True)
        application.processEvents()
    print(f"\n{pictures} pictures of {len(names)} projects, {wrong} wrong; the slowest look of each lens:")
    for kind, (seconds, name) in sorted(slowest.items(), key=lambda each: -each[1][0]):
        print(f"  {kind:24} {seconds * 1000:7.0f} ms  {name}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
