"""What may be uploaded, and what is refused in clear words: thirty-odd bad files."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from cases import uploads
from cases.actions.evidence import Paper
from cases.errors import Refused

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#c33").save(out, kind, **more)
    return out.getvalue()


Parts = dict[str, bytes]


def package(
    main: str = "word/document.xml", parts: Parts | None = None, types: bytes = b"<Types/>"
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", types)
        made.writestr(main, b"<w/>")
        for name, content in (parts or {}).items():
            made.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    return package("xl/workbook.xml", {"xl/sheet1.xml": b"0" * 60_000_000})


def many_entries() -> bytes:
    return package("xl/workbook.xml", {f"x/{n}.xml": b"" for n in range(3100)})


def locked_zip() -> bytes:
    data = bytearray(package("xl/workbook.xml"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def big_picture() -> bytes:
    """A PNG whose head promises 60,000 × 60,000 points."""
    data = bytearray(picture("PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def exif_picture() -> bytes:
    with_place = Image.Exif()
    with_place[0x8825] = {1: "N"}
    with_place[0x0112] = 6  # lies on its side
    with_place[0x010E] = "secret place"
    return picture("JPEG", (60, 40), exif=with_place)


GOOD: list[tuple[str, Callable[[], bytes], str]] = [
    ("立项决议.pdf", lambda: PDF, "application/pdf"),
    ("照片.jpg", picture, "image/jpeg"),
    ("照片.JPEG", picture, "image/jpeg"),
    ("截图.png", lambda: picture("PNG"), "image/png"),
    ("名册.xlsx", lambda: package("xl/workbook.xml"), uploads.MEDIA_TYPES["xlsx"]),
    ("通知.docx", package, uploads.MEDIA_TYPES["docx"]),
    ("合同.ofd", lambda: package("OFD.xml"), "application/ofd"),
    ("多.个.点.pdf", lambda: PDF, "application/pdf"),
]

BAD: list[tuple[str, Callable[[], bytes], str]] = [
    # the name
    ("../../etc/passwd.pdf", lambda: PDF, "upload_name"),
    ("..\\..\\boot.pdf", lambda: PDF, "upload_name"),
    ("/etc/x.pdf", lambda: PDF, "upload_name"),
    ("名册\x00.pdf", lambda: PDF, "upload_name"),
    ("名册\u202efdp.exe", lambda: PDF, "upload_name"),
    ("名册\u200b.pdf", lambda: PDF, "upload_name"),
    ("名册\n.pdf", lambda: PDF, "upload_name"),
    ("", lambda: PDF, "upload_name"),
    ("..", lambda: PDF, "upload_name"),
    # the kind
    ("页面.html", lambda: b"<script>alert(1)</script>", "upload_kind"),
    ("图.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "upload_kind"),
    ("程序.exe", lambda: b"MZ" + b"\0" * 100, "upload_kind"),
    ("名册.pdf.exe", lambda: PDF, "upload_kind"),
    ("台账.xlsm", lambda: package("xl/workbook.xml"), "upload_kind"),
    ("旧表.xls", lambda: OLE, "upload_kind"),
    ("旧文.doc", lambda: OLE, "upload_kind"),
    ("包.zip", package, "upload_kind"),
    ("无后缀", lambda: PDF, "upload_kind"),
    ("动图.gif", lambda: picture("GIF"), "upload_kind"),
    ("表.csv", lambda: "企业\n".encode("gbk"), "upload_kind"),
    # the size
    ("空.pdf", lambda: b"", "upload_empty"),
    ("大.pdf", lambda: PDF + b"0" * uploads.MAX_BYTES, "upload_large"),
    # the content
    ("假.pdf", lambda: b"<html><script>x</script>", "upload_differs"),
    ("假.pdf", lambda: b"\n" + PDF, "upload_differs"),
    ("假.jpg", lambda: PDF, "upload_differs"),
    ("假.png", picture, "upload_differs"),
    ("假.jpg", lambda: b"GIF89a" + b"\0" * 50, "upload_differs"),
    ("压缩包.docx", lambda: package("x.txt"), "upload_differs"),
    ("文档.xlsx", package, "upload_differs"),
    ("文本.xlsx", lambda: b"a,b,c\n", "upload_differs"),
    ("双面.pdf", lambda: PDF + package(), "upload_differs"),
    ("双面.docx", lambda: b"MZ" + package(), "upload_differs"),
    ("尾巴.docx", lambda: package() + b"<script>x</script>", "upload_differs"),
    ("爬出.docx", lambda: package(parts={"../../evil.sh": b"rm"}), "upload_differs"),
    ("断.pdf", lambda: PDF[:20], "upload_broken"),
    ("断.jpg", lambda: picture()[:200], "upload_broken"),
    ("断.png", lambda: picture("PNG")[:60], "upload_broken"),
    ("断.docx", lambda: package()[:120], "upload_broken"),
    ("脚本.pdf", lambda: PDF.replace(b"<<>>", b"<</S/JavaScript>>"), "upload_active"),
    ("启动.pdf", lambda: PDF.replace(b"<<>>", b"<</S/Launch>>"), "upload_active"),
    ("附件.pdf", lambda: PDF.replace(b"<<>>", b"<</Type/EmbeddedFile>>"), "upload_active"),
    ("宏.xlsx", lambda: package("xl/workbook.xml", {"xl/vbaProject.bin": b"x"}), "upload_macros"),
    ("宏.docx", lambda: package(types=b"<Override macroEnabled/>"), "upload_macros"),
    ("嵌入.docx", lambda: package(parts={"word/embeddings/a.bin": b"x"}), "upload_macros"),
    ("加密.xlsx", lambda: OLE, "upload_locked"),
    ("加密.xlsx", locked_zip, "upload_locked"),
    ("炸弹.xlsx", bomb, "upload_bomb"),
    ("炸弹.xlsx", many_entries, "upload_bomb"),
    ("炸弹.png", big_picture, "upload_pixels"),
]  # fmt: skip


def names_of(rows: list[tuple[str, Callable[[], bytes], str]]) -> list[str]:
    """Names that are the same in every process: parallel workers compare them."""
    return [f"{n} {name!r} {said}" for n, (name, _make, said) in enumerate(rows)]


def check(name: str, content: bytes) -> Paper:
    return uploads.check(ContentFile(content), name)


@pytest.mark.parametrize(("name", "make", "media_type"), GOOD, ids=names_of(GOOD))
def test_taken(name: str, make: Callable[[], bytes], media_type: str) -> None:
    paper = check(name, make())
    assert (paper.name, paper.media_type) == (name, media_type)
    assert paper.size > 0
    assert len(paper.sha256) == 64
    stored = paper.file.name or ""
    assert stored.rpartition(".")[2] in uploads.MEDIA_TYPES
    assert len(stored.partition(".")[0]) == 32  # a name of our own


@pytest.mark.parametrize(("name", "make", "code"), BAD, ids=names_of(BAD))
def test_refused_in_words(name: str, make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        check(name, make())
    assert refusal.value.code == code
    assert len(refusal.value.words) > 10
    assert "\x00" not in refusal.value.words
    assert "\u202e" not in refusal.value.words


def test_pictures_lose_where_they_were_taken_and_stand_upright() -> None:
    paper = check("现场.jpg", exif_picture())
    paper.file.seek(0)
    content = paper.file.read()
    assert b"secret place" not in content
    drawn = Image.open(io.BytesIO(content))
    assert dict(drawn.getexif()) == {}
    assert drawn.size == (40, 60)


def test_what_hides_behind_a_picture_is_gone() -> None:
    paper = check("现场.jpg", picture() + b"<script>alert(1)</script>" + package())
    paper.file.seek(0)
    content = paper.file.read()
    assert b"script" not in content
    assert b"PK" not in content[-100:]


def test_long_names_keep_their_end() -> None:
    assert check("长" * 300 + ".pdf", PDF).name.endswith("长.pdf")
    assert len(check("长" * 300 + ".pdf", PDF).name) <= uploads.MAX_NAME


def test_too_many_at_once() -> None:
    files = [ContentFile(PDF, name=f"{n}.pdf") for n in range(uploads.MAX_FILES + 1)]
    with pytest.raises(Refused) as refusal:
        uploads.check_all(files)
    assert refusal.value.code == "many_files"


def test_one_bad_file_refuses_all_and_is_named() -> None:
    files = [ContentFile(PDF, name="好.pdf"), ContentFile(b"", name="空.pdf")]
    with pytest.raises(Refused, match=r"空\.pdf：.*所选2个文件均未保存，请重新选择全部文件。"):
        uploads.check_all(files)


def test_every_kind_that_is_taken_is_named_to_whoever_chose_another() -> None:
    with pytest.raises(Refused) as refusal:
        uploads.check_all([ContentFile(b"MZ", name="a.exe")])
    words = refusal.value.words.lower()
    assert words.startswith("a.exe：")
    assert all(kind in words for kind in uploads.MEDIA_TYPES if kind != "jpeg")
    assert "均未保存" not in words
