"""The report of a run in Chromium without a network: report_in_browser [NAME …] [--pictures FOLDER].

Trains projects of the gallery for a few epochs, writes the report of each and opens it headless, in a network
namespace that has no network. Checks that every picture is decoded, that each position of its sliders shows
one, that nothing is asked from anywhere, that there is no message of an error, that it has at most 8 MB and
no path of this machine. Needs `chromium` and `unshare`, which Debian has.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from app import __main__ as command
from engine.document import edits
from engine.document.storage import gallery
from engine.document.storage.file import save
from engine.run.run import Run
from engine.runs import places

NAMES = ("cnn-digits", "gan-2d-gaussians", "attention-moby")
STEPS = 120
LARGEST = 8_000_000
PICTURES = "JSON.stringify([...document.images].map(i => [i.complete, i.naturalWidth]))"
SLIDERS = """JSON.stringify([...document.querySelectorAll('input[type=range]')].map(slider => {
  let least = Infinity; const shown = new Set();
  for (let at = +slider.min; at <= +slider.max; at++) {
    slider.value = at;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    const visible = [...document.images].filter(i => i.offsetParent !== null && i.naturalWidth > 0);
    least = Math.min(least, visible.length);
    shown.add(visible.map(i => i.src).join());
  }
  return [+slider.max - +slider.min + 1, least, shown.size];
}))"""
"""Of each slider: its positions, the least pictures in sight at one, how many different sets of them."""


class Browser:
    """Chromium that is spoken to over a pipe; its process sees no network."""

    def __init__(self, home: str) -> None:
        to_child, self._write = os.pipe()
        self._read, from_child = os.pipe()
        words = (  # the protocol wants descriptors 3 and 4
            f"exec 3<&{to_child} 4>&{from_child}; exec chromium --headless=new --no-sandbox --disable-gpu "
            '--hide-scrollbars --remote-debugging-pipe --user-data-dir="$0" --window-size=1280,1600'
        )
        self.process = subprocess.Popen(
            ["unshare", "--net", "bash", "-c", words, home],
            pass_fds=(to_child, from_child),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_child, from_child):
            os.close(end)
        self._asked, self._held = 0, b""
        self.events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to one command; events that come before it are kept."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._asked:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return dict(told["result"])
            self.events.append(told)

    def open(self, page: Path) -> None:
        self.events.clear()
        self.ask("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        found = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True)
        return json.loads(found["result"]["value"])

    def close(self) -> None:
        self.ask("Browser.close")
        self.process.wait(20)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._held:
            got = os.read(self._read, 1 << 20)
            if not got:
                raise RuntimeError("Chromium ended")
            self._held += got
        message, self._held = self._held.split(b"\0", 1)
        return dict(json.loads(message))


def report_of(name: str, folder: Path) -> Path:
    """The report of a short run with checkpoints."""
    project = edits.set_settings(gallery.make(name), checkpoint_epochs=1)
    file = folder / f"{name}.loom"
    save(project, file)
    run = Run(project, folder=places.new_run(places.runs_of(file)), steps=STEPS)
    finished = run.execute(lambda _: None)
    assert finished.status == "completed", finished.message
    assert command.main(["report", str(file)]) == 0
    return file.with_suffix(".html")


def faults(browser: Browser, page: Path) -> list[str]:
    """What is wrong with a page; prints what it has."""
    text = page.read_text("utf-8")
    browser.open(page)
    pictures, sliders = browser.value(PICTURES), browser.value(SLIDERS)
    asked = [
        event["params"]["request"]["url"][:80]
        for event in browser.events
        if event.get("method") == "Network.requestWillBeSent"
    ]
    outside = [url for url in asked if not url.startswith(("data:", page.as_uri()[:80]))]
    spoken = [event for event in browser.events if event.get("method") in _SPOKEN]
    size = len(text.encode())
    print(f"{page.stem}: {size:,} bytes, {len(pictures)} pictures, sliders {sliders}", flush=True)
    paths = (str(page.parent), str(Path.home()), "/usr/", "/opt/")
    named = [path for path in paths if path != "/" and re.search(re.escape(path) + r"(?![\w-])", text)]
    blank = sum(not (complete and width) for complete, width in pictures)
    wrong = {
        "no pictures": not pictures,
        f"{blank} pictures are not decoded": blank > 0,
        "no slider": not sliders,
        "a slider has one position alone": any(positions < 2 for positions, _, _ in sliders),
        "a position of a slider shows no picture": any(least < 1 for _, least, _ in sliders),
        "a slider changes nothing": any(different < 2 for _, _, different in sliders),
        f"asked for {outside}": bool(outside),
        f"the browser says {json.dumps(spoken)[:400]}": bool(spoken),
        "more than 8 MB": size > LARGEST,
        f"names {named}": bool(named),
    }
    return [words for words, is_so in wrong.items() if is_so]


_SPOKEN = ("Log.entryAdded", "Runtime.exceptionThrown", "Network.loadingFailed")


def main(arguments: list[str]) -> int:
    pictures = None
    if "--pictures" in arguments:
        at = arguments.index("--pictures")
        pictures, arguments = Path(arguments[at + 1]), arguments[:at] + arguments[at + 2 :]
    worst = 0
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        browser = Browser(home)
        for name in arguments or NAMES:
            page = report_of(name, Path(folder))
            wrong = faults(browser, page)
            worst = max(worst, int(bool(wrong)))
            for words in wrong:
                print(f"WRONG {name}: {words}", flush=True)
            if pictures is not None:
                taken = browser.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
                (pictures / f"{name}.png").write_bytes(base64.b64decode(taken))
        browser.close()
    print("all pictures are shown" if not worst else "something is wrong")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
