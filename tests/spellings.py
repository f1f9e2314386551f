"""Relations of a Word file that say the same in other letters: XML readers see no difference."""

from __future__ import annotations


def other_spellings(far: bytes, near: bytes) -> list[bytes]:
    """``far``: fetched from outside; ``near``: harmless, until it stands behind a DOCTYPE."""
    wide = '<?xml version="1.0" encoding="UTF-16"?>' + far.decode()
    chinese = '<?xml version="1.0" encoding="GBK"?>' + far.decode().replace("r1", "模板")
    return [
        wide.encode("utf-16"),
        chinese.encode("gbk"),
        far.replace(b"External", b"&#69;xternal"),
        far.replace(b"http", b"&#104;ttp"),
        far.replace(b"<Rel", b"<x:Rel").replace(b"</Rel", b"</x:Rel"),
        b"<!DOCTYPE Relationships>" + near,
    ]
