"""200 letters as one PDF: ``bin/bench letters``.

Ours begins with the facts of a letter: set line by line, handed to a bounded child, drawn and
tagged (PDF/A-2u). The peer is one WeasyPrint document of the very HTML, in a process that has
WeasyPrint loaded and keeps to no limits: once as PDF/A-2u with tags, as ours is, and once plain.
Seconds of the processor, children counted, medians of rounds turn about.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.rounds import in_turn

LETTERS, RUNS = 200, 3
QUICK = 20
GOAL = 0.7
SAME = {"pdf_variant": "pdf/a-2u", "pdf_tags": True}


def main(is_quick: bool) -> dict[str, Any]:
    letters, runs = (QUICK, 1) if is_quick else (LETTERS, RUNS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from reports.documents.merging import _runs, merged
    from reports.documents.render import _environment, our_fonts
    from reports.documents.setting import html_of
    from tests.reports.papers import letter

    fonts = our_fonts()
    taken: dict[str, list[float]] = {"ours": [], "same": [], "plain": []}
    held: dict[str, int] = {}
    with tempfile.NamedTemporaryFile("w", suffix=".html") as kept:

        def ours() -> None:
            begun = _cpu()
            papers = [html_of(letter(rows=0), f"{n}号", fonts) for n in range(letters)]
            drawn = merged(papers)
            taken["ours"].append(_cpu() - begun)
            assert len(drawn) == 1
            if not held:
                held["ours"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
                [html] = _runs(papers)
                kept.write(html)
                kept.flush()

        def theirs(peer: str) -> None:
            command = [sys.executable, "-m", "benchmarks.letters", peer, kept.name]
            told = subprocess.check_output(command, text=True, env=_environment()).split()
            taken[peer].append(float(told[0]))
            held[peer] = max(held.get(peer, 0), int(told[1]))

        for run in range(runs):
            # ours begins in the first one: the peers take its HTML, and have not held memory yet
            for name in in_turn(taken, run):
                ours() if name == "ours" else theirs(name)
    seconds = {name: statistics.median(found) for name, found in taken.items()}
    names = {"same": "one WeasyPrint document", "plain": "the same without PDF/A and tags"}
    return {
        f"letters, against {name}": {
            "ratio": round(seconds[peer] / seconds["ours"], 2),
            "goal": GOAL,
            "holds": is_quick or seconds[peer] / seconds["ours"] >= GOAL,
            "letters": letters,
            "ours_s": round(seconds["ours"], 2),
            "peer_s": round(seconds[peer], 2),
            "memory_mb": held["ours"],
            "peer_mb": held[peer],
        }
        for peer, name in names.items()
    }


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure(kind: str, path: str) -> None:
    """Prints seconds of the processor and the most memory, in MB."""
    from weasyprint import HTML

    html = Path(path).read_text()
    HTML(string="<p>一").write_pdf()
    begun = time.process_time()
    HTML(string=html).write_pdf(**(SAME if kind == "same" else {}))
    seconds = time.process_time() - begun
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    measure(sys.argv[1], sys.argv[2])
