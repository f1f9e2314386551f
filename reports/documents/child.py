"""HTML → PDF in a process of its own: whatever a text does to this one, the parent sees a code.

Run as a script with ``-I`` (no project code, no settings). Reads one JSON object from stdin:
``{"books": [[html…]…], "title", "limits": {"memory", "seconds"}}``; writes a PDF a book to stdout
behind its length (eight bytes): its papers one after another, each on a right page. Nothing is
ever fetched: a ``data:`` address only.
"""

import gc
import json
import logging
import resource
import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pydyf import PDF
from weasyprint import HTML
from weasyprint.document import Document, Page
from weasyprint.formatting_structure.boxes import MarginBox
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

TOO_LARGE = 3
EMPTY = '<html lang="zh-CN"><style>@page { size: A4 }</style></html>'
A_ROUND = 8  # books after which what is done with is let go
# a form that is drawn together where that saves a page, the least first
FITS = 'class="sheet" data-fits="1"'
CLOSER = ('class="sheet tight close"', 'class="sheet tight"')


def main(asked: dict[str, Any]) -> None:
    limits = asked["limits"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    PDF.page_references = property(references)
    fonts, fetcher = FontConfiguration(), URLFetcher(allowed_protocols=("data",))
    options = {"font_config": fonts, "pdf_variant": "pdf/a-2u", "pdf_tags": True}

    def drawn(html: str) -> Document:
        return HTML(string=html, url_fetcher=fetcher).render(**options)

    def fitted(html: str) -> Document:
        document = drawn(html)
        for look in CLOSER if FITS in html and len(document.pages) > 1 else ():
            tight = drawn(html.replace(FITS, look, 1))
            # what saves no page flows as it is
            document = tight if len(tight.pages) < len(document.pages) else document
        return document

    # a third of the time went into looking for cycles among boxes that all live until the end
    gc.disable()
    for place, book in enumerate(asked["books"], 1):
        first, pages = None, list[Page]()
        for html in book:
            document = fitted(html)
            if len(pages) % 2:
                pages += drawn(EMPTY).pages
            first = first or document
            pages += turned(document.pages)
        assert first is not None
        whole = first.copy(pages)
        whole.metadata.title = asked["title"] or whole.metadata.title
        pdf = whole.write_pdf(**options)
        sys.stdout.buffer.write(struct.pack(">Q", len(pdf)) + pdf)
        sys.stdout.buffer.flush()
        if place % A_ROUND == 0:
            gc.collect()


# --- the pages' own references -------------------------------------------------------------------
def references(pdf: Any) -> tuple[bytes, ...]:
    """pydyf makes all of them anew for every tag: with the pages of a stack that is a square."""
    numbers = pdf.pages["Kids"][::3]
    kept: tuple[bytes, ...] = getattr(pdf, "kept_references", ())
    if len(kept) != len(numbers):
        kept = tuple(f"{number} 0 R".encode("ascii") for number in numbers)
        pdf.kept_references = kept
    return kept


# --- the copy block ------------------------------------------------------------------------------
def turned(pages: Sequence[Page]) -> list[Page]:
    """Pages whose copy blocks stand on the last side of a sheet, an even page (GB/T 9704-2012,
    7.4). A paper that asks for it holds the block twice: behind its text, and on the back that
    follows. One of them stays.
    """
    kept = list[Page]()
    place, block, alone = 0, None, False
    for page in pages:
        for box, is_back, is_first in blocks(page._page_box):
            if not is_back:
                place, block, alone = len(kept), box, is_first
            elif block is not None and place % 2:
                # it stands on a back already: the other one goes, and the empty page before it
                del kept[place + 1 :]
                break
            elif block is not None:
                block.children = ()
                if alone:
                    # 版记页前有空白页的, 空白页和版记页均不编排页码 (7.5)
                    kept[place]._page_box.children = ()
                    bare(page)
        else:
            kept.append(page)
    return kept


def bare(page: Page) -> None:
    """Without its number."""
    box = page._page_box
    box.children = [one for one in box.children if not isinstance(one, MarginBox)]


def blocks(box: Any, depth: int = 4, is_first: bool = True) -> Iterator[tuple[Any, bool, bool]]:
    """Copy blocks of a page: the box, whether it is the one of the back, whether nothing stands
    before it."""
    for child in box.children if depth else ():
        if isinstance(child, MarginBox) or not hasattr(child, "children"):
            continue
        element = getattr(child, "element", None)
        names = (element.get("class") or "").split() if element is not None else []
        if "copies-room" in names:
            yield child, "back" in names, is_first
        elif child.element_tag in ("html", "body") or "paper" in names:
            yield from blocks(child, depth - 1, is_first)
        is_first = False


if __name__ == "__main__":
    try:
        main(json.load(sys.stdin))
    except MemoryError:
        sys.exit(TOO_LARGE)
