"""Many papers as one PDF: laid out in one document, so that fonts and styles are paid for once.

Each begins on a sheet of its own (a right page) and counts its pages from 1. Papers whose style
sheets differ (a letter that was drawn together) stand in runs of their own, in the order given:
runs are laid out apart and drawn into one file, which is PDF/A-2u and tagged as a paper alone is.
What one child cannot hold comes in several files; ``joined`` keeps what the first says of itself.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from pypdfium2 import PdfDocument

from reports.documents import paper
from reports.documents.render import Limits, render_book

PARTS = re.compile(r"^(?P<head>.*?)<body(?P<look>[^>]*)>(?P<body>.*)</body>", re.DOTALL)
A_RUN = 200  # papers of one child, as long as they are short: memory stays bounded
A_SIZE = 1_500_000  # characters of their HTML
LIMITS = Limits(seconds=120, patience=240)
# two names take turns: a page that begins a name begins a paper
STYLE = """
.paper { break-before: right; }
.paper:nth-child(odd) { page: one; } .paper:nth-child(even) { page: two; }
@page { counter-increment: leaf; }
@page :right { @bottom-right { content: "— " counter(leaf) " —"; } }
@page :left { @bottom-left { content: "— " counter(leaf) " —"; } }
@page wide:right { @left-bottom { content: "— " counter(leaf) " —"; } }
@page wide:left { @left-top { content: "— " counter(leaf) " —"; } }
@page :blank { @bottom-right { content: none; } @bottom-left { content: none; } }
@page :nth(1 of one) { counter-set: leaf 0; FIRST }
@page :nth(1 of two) { counter-set: leaf 0; FIRST }
"""
UNNUMBERED = "@bottom-right { content: none; } @bottom-left { content: none; }"


def merged(pages: Sequence[str], title: str = "") -> list[bytes]:
    """PDFs that hold the papers in their order; one as long as a child may hold them. Raises
    ``NoPdf``."""
    return list(drawn_in_turn(pages, title))


def drawn_in_turn(pages: Sequence[str], title: str = "") -> Iterator[bytes]:
    """The same one after another, for whoever tells how far it is."""
    for book in _bounded(list(_runs(pages))):
        yield render_book(book, title, limits=LIMITS)


def joined(parts: Sequence[bytes]) -> bytes:
    """PDFs of ours behind one another, each on a right page of its own. They are put into the
    first one, whose metadata, language and colours hold for all (PDF/A-2u)."""
    if len(parts) == 1:
        return parts[0]
    target = io.BytesIO()
    with PdfDocument(parts[0]) as book:
        for part in parts[1:]:
            if len(book) % 2:
                book.new_page(paper.WIDTH * paper.MM, paper.HEIGHT * paper.MM)
            with PdfDocument(part) as one:
                book.import_pages(one)
        book.save(target)
    return target.getvalue()


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
        for some in _bounded(bodies):
            held = "".join(f'<div class="paper">{body}</div>' for body in some)
            yield f'{start}<body{look} style="page: auto">{held}</body></html>'


def _bounded(bodies: Sequence[str]) -> Iterator[list[str]]:
    """As many as one child may hold."""
    some, size = list[str](), 0
    for body in bodies:
        if some and (len(some) == A_RUN or size + len(body) > A_SIZE):
            yield some
            some, size = [], 0
        some.append(body)
        size += len(body)
    yield some


def _style(head: str) -> str:
    """The head without its own title: what must agree."""
    return re.sub(r"<title>.*?</title>", "<title></title>", head, flags=re.DOTALL)
