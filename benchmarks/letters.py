"""CPU of a letter in a stack against one that is printed alone: ``python -m benchmarks.letters``.

Both are counted in the children too; the ratio says more than the seconds of one machine.
"""

from __future__ import annotations

import os
import resource
import sys
import time

import django

LETTERS, ALONE = 200, 20


def cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(letters: int) -> None:
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
    for paper in papers[:ALONE]:
        render_many([paper])
    alone = (cpu() - start) / ALONE
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(
        f"{letters} letters: {together:.3f} s each, alone {alone:.3f} s: {alone / together:.1f} ×"
    )
    print(f"largest child: {largest} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS)
