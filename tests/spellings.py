"""XML that leads elsewhere, and the same in other letters: readers see no difference."""

from __future__ import annotations

MS = "http://schemas.openxmlformats.org"
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;">]><w>&c;</w>'
)


def relations(kind: str, target: str) -> bytes:
    return (
        f'<Relationships><Relationship Id="r1" Type="{MS}/officeDocument/2006/relationships/{kind}"'
        f' Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()


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
