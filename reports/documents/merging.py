"""Many papers as one PDF: laid out in one document, so that fonts and styles are paid for once.

Each begins on a sheet of its own (a right page) and counts its pages from 1. Papers whose style
sheets differ (a letter that was drawn together) stand in runs of their own, in the order given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from reports.documents.render import Limits, render_many

PARTS = re.compile(r"^(?P<head>.*?)<body(?P<look>[^>]*)>(?P<body>.*)</body>", re.DOTALL)
A_RUN = 50  # papers of one child: memory stays flat
LIMITS = Limits(seconds=120, patience=240)
# two names take turns: a page that begins a name begins a paper. What follows a lying annex has a
# third one, or it would count from 1 again.
STYLE = """
.paper { break-before: right; }
.paper:nth-child(odd) { page: one; } .paper:nth-child(even) { page: two; }
.paper .annex.wide ~ .copies-room { page: after; }
@page { counter-increment: leaf; }
@page :right { @bottom-right { content: "— " counter(leaf) " —"; } }
@page :left { @bottom-left { content: "— " counter(leaf) " —"; } }
@page wide:right { @left-bottom { content: "— " counter(leaf) " —"; } }
@page wide:left { @left-top { content: "— " counter(leaf) " —"; } }
@page :nth(1 of one) { counter-set: leaf 0; FIRST }
@page :nth(1 of two) { counter-set: leaf 0; FIRST }
"""
UNNUMBERED = "@bottom-right { content: none; } @bottom-left { content: none; }"


def merged(pages: Sequence[str]) -> list[bytes]:
    """PDFs that hold the papers in their order; one where their styles agree. Raises ``NoPdf``."""
    return [render_many([run], limits=LIMITS)[0] for run in _runs(pages)]


def _runs(pages: Sequence[str]) -> Iterator[str]:
    found = [match for page in pages if (match := PARTS.match(page))]
    for (head, look), same in groupby(found, key=lambda m: (_style(m["head"]), m["look"])):
        papers = list(same)
        if len(papers) == 1 or "class" not in look or "sheet" in look:
            # alone, or a house form: it stays as it is
            yield from (match.string for match in papers)
            continue
        bodies = [match["body"] for match in papers]
        first = UNNUMBERED if "letter" in look else ""
        style = STYLE.replace("FIRST", first)
        start = head.replace("</style>", f"{style}</style>")
        for place in range(0, len(bodies), A_RUN):
            held = "".join(
                f'<div class="paper">{body}</div>' for body in bodies[place : place + A_RUN]
            )
            yield f'{start}<body{look} style="page: auto">{held}</body></html>'


def _style(head: str) -> str:
    """The head without its own title: what must agree."""
    return re.sub(r"<title>.*?</title>", "<title></title>", head, flags=re.DOTALL)
