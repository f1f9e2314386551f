"""CPU of a letter in a stack against one that is printed alone: ``bin/bench letters``.

Both are counted in the children too; the ratio says more than the seconds of one machine.
"""

from __future__ import annotations

import os
import resource
import time
from typing import Any

import django

LETTERS, ALONE = 200, 20
GOAL = 0.05  # seconds of CPU


def cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(is_quick: bool) -> dict[str, Any]:
    """A stack of 200 (20 where few rounds are enough), each of two pages."""
    letters, apart = (20, 2) if is_quick else (LETTERS, ALONE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from reports.documents.merging import merged
    from reports.documents.render import our_fonts, render_many
    from reports.documents.setting import html_of
    from tests.reports.papers import letter

    fonts = our_fonts()
    start = cpu()
    papers = [html_of(letter(rows=0), f"{n}号", fonts) for n in range(letters)]
    merged(papers)
    together = (cpu() - start) / letters
    start = cpu()
    for paper in papers[:apart]:
        render_many([paper])
    alone = (cpu() - start) / apart
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {
        "a letter of a stack": {
            "letters": letters,
            "seconds": round(together, 3),
            "goal": GOAL,
            "holds": is_quick or together <= GOAL,
            "alone": round(alone, 3),
            "megabytes": largest,
        }
    }
