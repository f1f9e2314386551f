"""Posts that head a unit, known by their name: 市专班办负责人 beside 市专班办经办人."""

from __future__ import annotations

import re

# a deputy (副主任) is not the head
HEAD = re.compile(r"(?<!副)(负责人|主任|组长|局长)$")


def is_head(post_name: str) -> bool:
    return HEAD.search(post_name.strip()) is not None
