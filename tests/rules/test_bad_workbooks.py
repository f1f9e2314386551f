"""What is not a register is refused in words, quickly, and without laying it out in memory."""

from __future__ import annotations

import hashlib
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from enterprises.importing.child import unread_in
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.tables import REGISTER_COLUMNS, rows_of
from enterprises.importing.workbook import Limits, read_workbook
from tests.bad_files import EVIDENCE
from tests.enterprises.sheets import HEADER, firm, write

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?><worksheet '
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return path


def with_sheet(path: Path, xml: str) -> Path:
    content = parts(write(path, [firm(1)]))
    content["xl/worksheets/sheet1.xml"] = xml.encode()
    return pack(path, content)


def zip_bomb(path: Path) -> Path:
    return with_sheet(path, SHEET + " " * (50 << 20) + "</sheetData></worksheet>")


def huge_bomb(path: Path) -> Path:
    return with_sheet(path, SHEET + " " * (200 << 20) + "</sheetData></worksheet>")


def lying_size(path: Path) -> Path:
    """An entry that says it unpacks to 10 bytes."""
    body = zip_bomb(path).read_bytes()
    size = len(SHEET + " " * (50 << 20) + "</sheetData></worksheet>").to_bytes(4, "little")
    path.write_bytes(body.replace(size, (10).to_bytes(4, "little")))
    return path


def far_cell(path: Path) -> Path:
    row = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    return with_sheet(path, SHEET + row + "</sheetData></worksheet>")


def wide_row(path: Path) -> Path:
    cells = "".join("<c><v>1</v></c>" for _ in range(200_000))
    return with_sheet(path, f"{SHEET}<row>{cells}</row></sheetData></worksheet>")


def many_rows(path: Path) -> Path:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 30_000))
    return with_sheet(path, SHEET + rows + "</sheetData></worksheet>")


def old_xls(path: Path) -> Path:
    path.write_bytes(OLE + b"\0" * 600)
    return path


def encrypted(path: Path) -> Path:
    path.write_bytes(OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    return path


def encrypted_zip(path: Path) -> Path:
    """The flag of an encrypted entry set in both headers."""
    body = bytearray(write(path, [firm(1)]).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(mark)
        body[at + offset] |= 1
    path.write_bytes(bytes(body))
    return path


def csv_renamed(path: Path) -> Path:
    path.write_bytes("企业名称,统一社会信用代码\n".encode("gbk"))
    return path


def nothing(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def empty_sheet(path: Path) -> Path:
    openpyxl.Workbook().save(path)
    return path


def no_header(path: Path) -> Path:
    return write(path, [[1, 2, 3]], header=("a", "b", "c"))


def only_header(path: Path) -> Path:
    return write(path, [])


def no_county(path: Path) -> Path:
    rows = [[cell for at, cell in enumerate(firm(1)) if at != 2]]
    return write(path, rows, header=[h for h in HEADER if not h.startswith("县")])


def other_zip(path: Path) -> Path:
    return pack(path, {"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"})


def macros(path: Path) -> Path:
    return pack(path, {**parts(write(path, [firm(1)])), "xl/vbaProject.bin": b"x"})


def cut_short(path: Path) -> Path:
    body = write(path, [firm(1)]).read_bytes()
    path.write_bytes(body[: len(body) // 2])
    return path


def broken_xml(path: Path) -> Path:
    return with_sheet(path, SHEET + "<row><c><v>1</row>")


def entities(path: Path) -> Path:
    """External and nested entities: neither fetched nor expanded."""
    xml = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">'
        '<!ENTITY b "&a;&a;">]>' + SHEET.split("?>", 1)[1]
    )
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;&b;</t></is></c></row>'
    return with_sheet(path, f"{xml}{row}</sheetData></worksheet>")


def plain_text(path: Path) -> Path:
    path.write_text("hello")
    return path


def pdf(path: Path) -> Path:
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 100)
    return path


CASES: list[tuple[Callable[[Path], Path], set[str]]] = [
    (zip_bomb, {"bomb"}),
    (huge_bomb, {"bomb"}),
    (lying_size, {"damaged", "bomb"}),
    (far_cell, {"over_limits"}),
    (wide_row, {"over_limits"}),
    (many_rows, {"over_limits"}),
    (old_xls, {"old_xls"}),
    (encrypted, {"encrypted"}),
    (encrypted_zip, {"encrypted"}),
    (csv_renamed, {"not_xlsx"}),
    (nothing, {"empty"}),
    (empty_sheet, {"blank"}),
    (no_header, {"no_header"}),
    (only_header, {"no_rows"}),
    (no_county, {"missing_column"}),
    (other_zip, {"not_xlsx"}),
    (macros, {"macros"}),
    (cut_short, {"damaged"}),
    (broken_xml, {"damaged", "no_header", "blank"}),
    (entities, {"damaged", "no_header", "blank"}),
    (plain_text, {"not_xlsx"}),
    (pdf, {"not_xlsx"}),
]


@pytest.mark.parametrize(("make", "codes"), CASES, ids=[make.__name__ for make, _ in CASES])
def test_refused_in_words(make: Callable[[Path], Path], codes: set[str], tmp_path: Path) -> None:
    path = make(tmp_path / "list.xlsx")
    started = time.monotonic()
    with pytest.raises(ImportRefused) as refused:
        rows_of(read_workbook(path), REGISTER_COLUMNS, required=("name", "county"))
    assert refused.value.code in codes
    assert len(refused.value.words) > 10
    assert time.monotonic() - started < 5


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(ImportRefused) as refused:
            read_workbook(path)
        assert refused.value.code == "no_file"


def test_too_large(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [firm(1)])
    with pytest.raises(ImportRefused) as refused:
        read_workbook(path, limits=Limits(size=1000))
    assert refused.value.code == "too_large"


def test_the_child_is_stopped_by_its_memory_and_its_time(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [firm(n) for n in range(2000)])
    with pytest.raises(ImportRefused) as refused:
        read_workbook(path, limits=Limits(memory=16 << 20))
    assert refused.value.code == "over_limits"
    with pytest.raises(ImportRefused) as refused:
        read_workbook(path, limits=Limits(seconds=0))
    assert refused.value.code == "over_limits"


def test_a_busy_machine_gets_time_by_the_clock(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [firm(1)])
    assert Limits().wall_seconds >= 5 * Limits().seconds
    with pytest.raises(ImportRefused) as refused:
        read_workbook(path, limits=Limits(wall_seconds=0))
    assert refused.value.code == "too_slow"


def test_header_is_found_below_titles_and_remarks_are_passed_over(tmp_path: Path) -> None:
    rows = [
        ["甲", "乙", "丙"],
        firm(1),
        [None] * 11,
        firm(2),
        ["合计", None, "2家"],
        ["注：以统计局核定为准。"],
        ["填表人：张示例", None, None, "审核人：李示例"],
    ]
    book = read_workbook(write(tmp_path / "list.xlsx", rows), "名单.xlsx")
    found = rows_of(book, REGISTER_COLUMNS, required=("name", "county"))
    assert [row.number for row in found] == [5, 7]
    assert book.file_name == "名单.xlsx"
    assert found[0].columns["county"].header == "县（市、区）"
    assert found[0].finding("unknown_county", "county", value="x").cell == "C5"


def test_every_visible_sheet_with_a_header_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [firm(1)], sheet="一")
    book = openpyxl.load_workbook(path)
    for name, state in (("二", "visible"), ("三", "hidden")):
        page = book.create_sheet(name)
        page.append(list(HEADER))
        page.append(firm(2 if name == "二" else 3))
        page.sheet_state = state
    book.create_sheet("填表说明").append(["本表由市统计局按月更新"])
    book.save(path)
    rows = rows_of(read_workbook(path), REGISTER_COLUMNS, required=("name", "county"))
    assert [(row.sheet, row.number) for row in rows] == [("一", 4), ("二", 2)]


def test_columns_in_any_order_and_spelling(tmp_path: Path) -> None:
    header = ["所在县区", "单位 详细名称", "＊信用代码", "所有制"]
    row = ["西工区", "洛阳样本有限公司", "91410300MA3X00010K", "国有独资公司"]
    path = write(tmp_path / "list.xlsx", [row], header=header)
    (found,) = rows_of(read_workbook(path), REGISTER_COLUMNS, required=("name", "county"))
    assert {key: found.text(key) for key in found.columns} == {
        "county": "西工区",
        "name": "洛阳样本有限公司",
        "credit_code": "91410300MA3X00010K",
        "ownership": "国有独资公司",
    }


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "list.xlsx", [firm(1)])
    assert read_workbook(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_workbook_is_what_it_holds_not_what_it_is_called(tmp_path: Path) -> None:
    named_xlsx = write(tmp_path / "book.xlsx", [firm(1)])
    named_xls = named_xlsx.with_name("book.xls")
    named_xls.write_bytes(named_xlsx.read_bytes())
    assert read_workbook(named_xls).sheets == read_workbook(named_xlsx).sheets


def test_a_workbook_that_came_in_part_is_not_called_another_format(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_workbook(cut_short(tmp_path / "list.xlsx"))
    assert refused.value.words == "文件已损坏或未传完整，请重新保存后再上传。"


def test_what_is_refused_as_a_paper_is_no_workbook_either(tmp_path: Path) -> None:
    """Workbooks and texts among the bad files; ``bin/prove files`` reads every one."""
    path, met = tmp_path / "1.xlsx", 0
    for bad in EVIDENCE:
        if bad.name.endswith((".xlsx", ".csv")) and bad.code not in ("upload_large", "upload_bomb"):
            path.write_bytes(bad.make())
            with pytest.raises(ImportRefused) as refusal:
                read_workbook(path, bad.name)
            assert len(refusal.value.words) > 10, bad.name
            met += 1
    assert met >= 15


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ('<c r="B2"><f>TODAY()</f><v></v></c>', ["B2"]),
        ('<c r="B2"><f>TODAY()</f><v/></c>', ["B2"]),
        ('<x:c r="B2" s="1"><x:f t="shared" si="0"/></x:c>', ["B2"]),
        ('<c r="A2" s="4"/><c r="B2"><f>A2</f></c>', ["B2"]),
        ('<c r="B2"><f>1+1</f><v>2</v></c><c r="C2"/>', []),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', []),  # its value is the empty text
        ('<c r="A2"><f>1</f><v>1</v></c><c r="B2" t="inlineStr"><is><t>x</t></is></c>', []),
    ],
)
def test_a_formula_without_a_value_is_no_empty_cell(cell: str, found: list[str]) -> None:
    assert unread_in(f"<row>{cell}</row>".encode()) == found
