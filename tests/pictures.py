"""The README's pictures: the demo on a server of its own, each role at its screen.

``python -m tests.pictures [FOLDER] [--only NAME …]``; see ``bin/screenshots``.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.servers import chromium_program, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
DATABASE = "xiaohao.sqlite3"
LARGEST = 250_000  # bytes
COLOURS = (256, 128, 64)
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=zh-CN")


@dataclass(frozen=True)
class Picture:
    """One picture: who looks, where (``->`` follows the first such link)."""

    name: str
    who: str
    path: str
    phone: bool = False
    tall: int = 0  # height of the window, if not the usual one
    dark: bool = False
    english: bool = False


PICTURES = (
    Picture("sign-in", "", "/sign-in/"),
    Picture("workbench", "demo-county", "/workbench/"),
    Picture("workbench-office", "demo-office", "/workbench/"),
    Picture("ledger", "demo-office", "/ledger/"),
    Picture("ledger-english", "demo-office", "/ledger/", english=True),
    Picture("case", "demo-county", "/ledger/?stage=rectification -> .cell-firm a", tall=1100),
    Picture("case-dark", "demo-county", "/ledger/?stage=rectification -> .cell-firm a", dark=True),
    Picture("closings", "demo-office-lead", "/closings/"),
    Picture("progress", "demo-leader", "/progress/", tall=1100),
    Picture("overdue", "demo-supervisor", "/supervision/"),
    Picture("letters", "demo-office", "/supervision/letters/"),
    Picture("firms", "demo-office", "/firms/"),
    Picture(
        "firm",
        "demo-office",
        "/ledger/?stage=rectification -> .cell-firm a -> main a[href^='/firms/']",
        tall=1100,
    ),
    Picture("measures", "demo-office", "/measures/"),
    Picture("resources", "demo-office", "/resources/"),
    Picture(
        "matching",
        "demo-county",
        "/ledger/?stage=matching -> .cell-firm a -> .act-bar .button--primary",
        tall=1100,
    ),
    Picture("programmes", "demo-office", "/programmes/demo/v1/"),
    Picture("phone-todo", "demo-county", "/workbench/", phone=True),
    Picture("phone-case", "demo-county", "/ledger/ -> .cell-firm a", phone=True),
    Picture(
        "phone-form",
        "demo-county",
        "/ledger/?stage=survey -> .cell-firm a -> .act-bar .button--primary",
        phone=True,
    ),
    Picture("phone-firm", "demo-firm", "/portal/", phone=True),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="XIAOHAO_VAR of a demo that is built")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some of the pictures")
    parser.add_argument("--to", type=Path, default=TARGET, metavar="FOLDER")
    parser.add_argument("--travel", metavar="DAYS", help="first, such as 0.4d: not at night")
    asked = parser.parse_args()
    wanted = [p for p in PICTURES if not asked.only or p.name in asked.only]
    asked.to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="xiaohao-pictures-") as held,
        demo(Path(held) / "var", asked.folder, asked.travel) as url,
        browser() as chromium,
    ):
        for picture in wanted:
            size = take(chromium, url, picture, asked.to / f"{picture.name}.png")
            print(f"{picture.name}.png {size // 1000} KB")
    return 0


@contextmanager
def demo(var: Path, built: str | None, travel: str | None) -> Iterator[str]:
    """A demo city on a free port; its address."""
    if built:
        _copy(Path(built), var / "demo")
    environment = {**os.environ, "XIAOHAO_VAR": str(var), "XIAOHAO_DEMO": "1"}
    environment.pop("DATABASE_URL", None)
    environment.pop("REDIS_URL", None)
    manage = [sys.executable, str(ROOT / "manage.py")]
    later = [f"--travel={travel}"] if travel else []
    for command in (["prepare"], ["demo", *later], ["tick"]):
        subprocess.run([*manage, *command], env=environment, cwd=ROOT, check=True)
    port = free_port()
    # a server's log is no part of the pictures
    with (var / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "config.wsgi:application",
                "-b",
                f"127.0.0.1:{port}",
            ],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/sign-in/")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def _copy(built: Path, to: Path) -> None:
    """A finished demo as it stands, also while its server runs.

    ``built`` is its XIAOHAO_VAR, or the folder ``demo`` in it where the database is.
    """
    folder = next((f for f in (built / "demo", built) if (f / DATABASE).is_file()), None)
    if folder is None:
        sys.exit(f"{built} holds no demo: neither {DATABASE} nor demo/{DATABASE}")
    mark = folder / "demo" / "history.json"
    if not mark.is_file() or not json.loads(mark.read_text())["done"]:
        sys.exit(f"the demo in {built} is still being built: wait until it is done")
    left = shutil.ignore_patterns(f"{DATABASE}*", "queue", "static", "*.log")
    shutil.copytree(folder, to, ignore=left)
    with closing(sqlite3.connect(folder / DATABASE)) as old, closing(_fresh(to)) as new:
        old.backup(new)
        # whoever tried the demo may have chosen a language; a picture has its own
        new.execute("UPDATE organisations_user SET language = ''")
        new.commit()


def _fresh(to: Path) -> sqlite3.Connection:
    return sqlite3.connect(to / DATABASE)


def _wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            urlopen(url, timeout=10).close()
            return
        except (URLError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextmanager
def browser() -> Iterator[Browser]:
    program = chromium_program()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=list(SWITCHES), env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        yield chromium
        chromium.close()


def take(chromium: Browser, url: str, picture: Picture, target: Path) -> int:
    """Sign in by one click, go there, take the picture; its size in bytes."""
    width, height = (390, 844) if picture.phone else (1366, 768)
    context = chromium.new_context(
        viewport={"width": width, "height": picture.tall or height},
        is_mobile=picture.phone,
        has_touch=picture.phone,
        device_scale_factor=2 if picture.phone else 1,
        color_scheme="dark" if picture.dark else "light",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(30_000)
    language = "en" if picture.english else "zh-hans"
    context.add_cookies([{"name": "django_language", "value": language, "url": url}])
    page = context.new_page()
    if picture.who:
        page.goto(f"{url}/sign-in/")
        with page.expect_navigation():
            page.locator(f"button[name=username][value={picture.who}]").click()
    path, *selectors = picture.path.split(" -> ")
    answer = page.goto(url + path)
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"
    for selector in selectors:
        with page.expect_navigation():
            page.locator(selector).first.click()
    page.wait_for_load_state("networkidle")
    content = _small(page)
    context.close()
    target.write_bytes(content)
    return len(content)


def _small(page: Page) -> bytes:
    """Few colours are enough for a page; as many as the size allows."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    content = b""
    for colours in COLOURS:
        held = io.BytesIO()
        few: Any = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        few.save(held, "PNG", optimize=True)
        content = held.getvalue()
        if len(content) <= LARGEST:
            break
    return content


if __name__ == "__main__":
    sys.exit(main())
