"""One line for both passes: ``python -m tests.counts SECONDS FILE FILE`` adds what each counted.

SECONDS is when they began, as ``date +%s`` says it."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

# kinds of results, in the words of pytest's own last line
COUNTED = {
    "failed": "failed",
    "passed": "passed",
    "skipped": "skipped",
    "xfailed": "xfailed",
    "xpassed": "xpassed",
    "error": "errors",
}


def line(files: list[Path], seconds: float) -> str:
    """``6021 passed in 512s``; a pass that has counted nothing is named."""
    found: Counter[str] = Counter()
    for file in files:
        if not file.exists():
            return f"the {file.name} pass has not come to its end"
        found.update(json.loads(file.read_text()))
    kinds = [f"{found[kind]} {words}" for kind, words in COUNTED.items() if found[kind]]
    return f"{', '.join(kinds)} in {seconds:.0f}s"


if __name__ == "__main__":
    print(line([Path(name) for name in sys.argv[2:]], time.time() - float(sys.argv[1])))
