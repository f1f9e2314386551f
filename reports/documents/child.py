"""HTML → PDF in a process of its own: whatever a text does to this one, the parent sees a code.

Run as a script with ``-I`` (no project code, no settings). Reads one JSON object from stdin:
``{"pages": [html…], "limits": {"memory", "seconds"}}``; writes each PDF to stdout behind its
length (eight bytes). Nothing is ever fetched: a ``data:`` address only.
"""

import gc
import json
import logging
import resource
import struct
import sys
from typing import Any

from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

TOO_LARGE = 3
A_ROUND = 8  # documents after which what is done with is let go
# a form that is drawn together where that saves a page, the least first
FITS = 'class="sheet" data-fits="1"'
CLOSER = ('class="sheet tight close"', 'class="sheet tight"')


def main(asked: dict[str, Any]) -> None:
    limits = asked["limits"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fonts, fetcher = FontConfiguration(), URLFetcher(allowed_protocols=("data",))
    options = {"font_config": fonts, "pdf_variant": "pdf/a-2u", "pdf_tags": True}

    def drawn(html: str) -> Document:
        return HTML(string=html, url_fetcher=fetcher).render(**options)

    # a third of the time went into looking for cycles among boxes that all live until the end
    gc.disable()
    for place, html in enumerate(asked["pages"], 1):
        document = drawn(html)
        for look in CLOSER if FITS in html and len(document.pages) > 1 else ():
            tight = drawn(html.replace(FITS, look, 1))
            # what saves no page flows as it is
            document = tight if len(tight.pages) < len(document.pages) else document
        pdf = document.write_pdf(**options)
        sys.stdout.buffer.write(struct.pack(">Q", len(pdf)) + pdf)
        sys.stdout.buffer.flush()
        if place % A_ROUND == 0:
            gc.collect()


if __name__ == "__main__":
    try:
        main(json.load(sys.stdin))
    except MemoryError:
        sys.exit(TOO_LARGE)
