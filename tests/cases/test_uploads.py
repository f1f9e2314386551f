"""What may be uploaded, and what is refused in clear words: every file of ``tests.bad_files``."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from cases import uploads
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.upload_kinds import MEDIA_TYPES
from tests import bad_files, measured
from tests.acting import field
from tests.bad_files import EVIDENCE, Bad, outside, package, picture

PDF = bad_files.pdf()
GBK = '<?xml version="1.0" encoding="GBK"?><正文/>'.encode("gbk")
SECONDS = 2  # of the processor, for one file


def exif_picture() -> bytes:
    with_place = Image.Exif()
    with_place[0x8825] = {1: "N"}
    with_place[0x0112] = 6  # lies on its side
    with_place[0x010E] = "secret place"
    return picture("JPEG", (60, 40), exif=with_place)


def cmyk() -> bytes:
    out = io.BytesIO()
    Image.new("CMYK", (30, 20)).save(out, "JPEG")
    return out.getvalue()


# as WPS leaves it behind of every picture that was pasted: a path on the writer's own disk
WPS = 'INCLUDEPICTURE "C:\\\\Users\\\\x\\\\ksohtml\\\\wps1.jpg" \\* MERGEFORMAT'

GOOD: list[tuple[str, Callable[[], bytes], str]] = [
    ("立项决议.pdf", lambda: PDF, "application/pdf"),
    ("照片.jpg", picture, "image/jpeg"),
    ("照片.JPEG", picture, "image/jpeg"),
    ("截图.png", lambda: picture("PNG"), "image/png"),
    ("名册.xlsx", lambda: package("xl/workbook.xml"), MEDIA_TYPES["xlsx"]),
    ("通知.docx", package, MEDIA_TYPES["docx"]),
    ("合同.ofd", lambda: package("OFD.xml"), "application/ofd"),
    ("链接.docx", outside("hyperlink", "https://example.gov.cn/"), MEDIA_TYPES["docx"]),
    ("模板.docx", outside("attachedTemplate", "file:///C:/Normal.dotm"), MEDIA_TYPES["docx"]),
    ("逐行.jpg", lambda: picture(progressive=True), "image/jpeg"),
    ("印刷.jpg", lambda: cmyk(), "image/jpeg"),
    ("多.个.点.pdf", lambda: PDF, "application/pdf"),
    ("国标.ofd", lambda: package("OFD.xml", body=GBK), "application/ofd"),
    ("链接多.docx", outside("hyperlink", "http&#58;//example.gov.cn/"), MEDIA_TYPES["docx"]),
    ("页码.docx", lambda: package(body=field("TOC \\o ", '"1-3"')), MEDIA_TYPES["docx"]),
    ("域.docx", lambda: package(body=field(WPS)), MEDIA_TYPES["docx"]),
    ("压缩.pdf", lambda: bad_files.packed_pdf("<< /S /URI /URI (x) >>"), "application/pdf"),
]


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
    assert stored.rpartition(".")[2] in MEDIA_TYPES
    assert len(stored.partition(".")[0]) == 32  # a name of our own


def complaint(bad: Bad) -> str:
    """What is wrong with how a file is met; empty: nothing."""
    content, begun = bad.make(), time.process_time()
    try:
        check(bad.name, content)
    except Refused as refusal:
        words, code = refusal.words, refusal.code
    except Exception as crash:
        return f"crashed: {crash!r}"
    else:
        return "was taken"
    if code != bad.code:
        return f"refused as {code}, not as {bad.code}"
    if time.process_time() - begun > SECONDS:
        return f"took {time.process_time() - begun:.1f} s"
    unseen = any(mark in words for mark in "\x00\x1b\u202e\u2066\n\r")
    is_clear = len(words) > 10 and words.endswith("。") and not unseen
    return "" if is_clear else f"is told: {words!r}"


def test_every_bad_file_is_refused_in_words() -> None:
    """One loop and not a test each: which files are met wrongly is told at once, by name."""
    wrong = {(bad.name, bad.code): complaint(bad) for bad in EVIDENCE}
    assert {key: words for key, words in wrong.items() if words} == {}
    assert len(EVIDENCE) >= 150
    assert len(set(EVIDENCE)) == len(EVIDENCE)


def test_what_is_large_takes_little() -> None:
    """Of memory and of the processor, whoever does the work; a picture that is read is drawn."""
    wrong = [one for one in measured.told() if one.megabytes > measured.MOST or one.seconds > 2.5]
    assert wrong == []
    assert {one.name: one.said for one in measured.told()} == measured.SAID


def test_a_large_picture_stays_what_it_was() -> None:
    """Read at a fraction, halved by strips, turned: the corners stay where they belong."""
    for kind, size in (("PNG", (5000, 3001)), ("JPEG", (9000, 4000))):
        made, corner = Image.new("RGB", size, "#fff"), Image.new("RGB", (size[0] // 2, 900), "#000")
        made.paste(corner, (0, size[1] - 900))
        turned = Image.Exif()
        turned[0x0112] = 6
        out = io.BytesIO()
        made.save(out, kind, exif=turned)
        paper = check(f"大.{kind.lower()}", out.getvalue())
        paper.file.seek(0)
        seen = Image.open(io.BytesIO(paper.file.read())).convert("L")
        assert abs(seen.height / seen.width - size[0] / size[1]) < 0.01
        dark = [
            seen.getpixel((x, y)) == 0
            for x in (10, seen.width - 10)
            for y in (10, seen.height - 10)
        ]
        # what lay at the left below stands at the left above
        assert dark == [True, False, False, False], (kind, dark)


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
    assert all(kind in words for kind in MEDIA_TYPES if kind != "jpeg")
    assert "均未保存" not in words
