"""Every text of ours has its Chinese, and no Chinese stands where a text belongs."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from config.prepare import catalogues
from tests.architecture import FLOORS, ROOT, walk

CHINESE = re.compile("[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

# Where Chinese is data, not a text of the interface; each with its reason.
DATA = {
    "enterprises/importing/": "headers and values of the bureau's workbooks",
    "enterprises/industries.py": "the names of the standard GB/T 4754",
    "enterprises/pinyin.py": "brackets and endings of place names, to be recognised",
    "enterprises/readings.py": "names and words with more than one sound",
    "cases/importing/": "headers and values of the running ledger",
    "config/demo/": "the made-up city: names, remarks, papers",
    "notifications/texts.py": "headings and legal forms to be recognised",
    "config/catalogue.py": "specimens of the component catalogue",
    "organisations/heads.py": "names of posts that head a unit, to be recognised",
    "cases/addressing.py": "endings of county names, to be recognised",
    "cases/witnesses.py": "what stands in the place of a name and names nobody",
    "organisations/phones.py": "how an extension is written",
    "organisations/people_sheets.py": "headers and choices of our own template workbook",
    "organisations/importing.py": "a message that quotes the template's choices",
    "organisations/workbook.py": "dates as people type them",
    "organisations/setup.py": "names of the posts that a new unit starts with",
    "resources/chinese.py": "characters that every need and every offer writes",
    "resources/importing/sheets.py": "headers and values of the directory's workbook",
    "workflows/announcements.py": "days and phrases of the State Council's notice",
    "workflows/forms.py": "yes as people type it",
    "workflows/forms_reading.py": "dates as people type them",
    "reports/figures/publishing.py": "how the province's tables call the city's line",
    "reports/documents/faces.py": "names of fonts",
    "cases/number_shapes.py": "how the registry writes the numbers of documents",
    "reports/documents/lexicon.py": "words that a title keeps whole, how headings are numbered",
    "templates/dev/": "specimens of the component catalogue",
    "templates/components/display_switch.html": "a language's name in that language",
}


def is_data(name: str) -> bool:
    return name.startswith(tuple(DATA)) or "/migrations/" in name


Key = tuple[str, str]


def key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, polib.POEntry]:
    """What xgettext finds in our code and templates, as Django's ``makemessages`` runs it."""
    if shutil.which("xgettext") is None:
        pytest.fail("not installed: apt-get install -y gettext")
    folder = tmp_path_factory.mktemp("messages")
    for path in _texts():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (folder / "locale").mkdir()
    environment = {**os.environ, "PYTHONPATH": ""}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "-v", "0"]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return {key(e): e for e in polib.pofile(str(folder / "locale/zh_Hans/LC_MESSAGES/django.po"))}


def _texts() -> Iterator[Path]:
    for app in FLOORS:
        yield from (p for p in (ROOT / app).rglob("*.py") if "/migrations/" not in str(p))
    yield from (ROOT / "templates").rglob("*.*")


def entries() -> Iterator[tuple[str, polib.POEntry]]:
    """(file, entry) of every catalogue of ours."""
    for path in sorted(catalogues(ROOT)):
        for entry in polib.pofile(str(path)):
            yield path.relative_to(ROOT).as_posix(), entry


def test_texts_are_found(used: dict[Key, polib.POEntry]) -> None:
    assert ("", "Sign in") in used


def test_every_text_has_its_chinese(used: dict[Key, polib.POEntry]) -> None:
    known = {key(e) for _file, e in entries() if e.translated() and not e.obsolete}
    missing = [
        f"{entry.occurrences[0][0]}: {entry.msgid}"
        for found, entry in sorted(used.items())
        if found not in known
    ]
    assert not missing, f"{len(missing)} without Chinese:\n" + "\n".join(missing)


def test_no_catalogue_is_unsure() -> None:
    unsure = [f"{file}: {e.msgid}" for file, e in entries() if e.fuzzy]
    assert not unsure, "\n".join(unsure)


def test_no_text_stands_twice_in_a_catalogue() -> None:
    """GNU gettext refuses a catalogue in which one does."""
    for name in catalogues(ROOT):
        found = Counter(key(entry) for entry in polib.pofile(str(name)))
        assert [text for text, times in found.items() if times > 1] == [], name


def test_one_text_has_one_chinese() -> None:
    """All catalogues become one at run time: of two translations, one would win by chance."""
    seen: dict[Key, tuple[str, str]] = {}
    torn = []
    for file, entry in entries():
        if entry.obsolete:
            continue
        first_file, first = seen.setdefault(key(entry), (file, _chinese(entry)))
        if first != _chinese(entry):
            torn.append(f"{entry.msgid!r}: {first} ({first_file}), {_chinese(entry)} ({file})")
    assert not torn, "\n".join(torn)


def test_chinese_keeps_the_placeholders() -> None:
    wrong = [
        f"{file}: {entry.msgid!r} → {text!r}"
        for file, entry in entries()
        for text in ([entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values()))
        if not entry.obsolete and _placeholders(text) not in _allowed(entry)
    ]
    assert not wrong, "\n".join(wrong)


def _chinese(entry: polib.POEntry) -> str:
    return entry.msgstr or "|".join(entry.msgstr_plural.values())


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


def _allowed(entry: polib.POEntry) -> list[list[str]]:
    return [_placeholders(text) for text in (entry.msgid, entry.msgid_plural) if text] or [[]]


# --- no Chinese in code ------------------------------------------------------------------------
def chinese_in_python(source: str) -> list[str]:
    """String constants with Chinese; docstrings and comments may explain a term."""
    if not CHINESE.search(source) and "\\u" not in source:
        return []
    nodes = walk(ast.parse(source))
    docs = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        f"{node.lineno}: {node.value[:40]!r}"
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docs
        and CHINESE.search(node.value)
    ]


def chinese_in_template(source: str) -> list[str]:
    bare = re.sub(r"{#.*?#}|{% comment.*?%}.*?{% endcomment %}", "", source, flags=re.DOTALL)
    return [line.strip()[:60] for line in bare.splitlines() if CHINESE.search(line)]


def test_chinese_literals_are_caught() -> None:
    assert chinese_in_python("x = '销号'")
    assert chinese_in_python("x = '\\u9500'")
    assert not chinese_in_python('"""销号"""\nx = 1  # 销号')
    assert chinese_in_template("<b>销号</b>")
    assert not chinese_in_template("{# 销号 #}")


def test_no_chinese_in_python() -> None:
    found = []
    for app in FLOORS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not is_data(name):
                found += [f"{name}:{line}" for line in chinese_in_python(path.read_text())]
    assert not found, "\n".join(found)


def test_no_chinese_in_templates() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        if not is_data(path.relative_to(ROOT).as_posix())
        for line in chinese_in_template(path.read_text())
    ]
    assert not found, "\n".join(found)
