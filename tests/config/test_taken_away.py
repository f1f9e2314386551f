"""Who took which list, when: each file that leaves is in the trail, or its reason stands here."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture import ROOT

FLOORS = ("organisations", "workflows", "enterprises", "resources", "cases", "notifications",
          "reports", "config")  # fmt: skip
MADE = ("FileResponse", "Content-Disposition", "write_bytes", "write_text", "'wb'", "data:{XLSX}")
KEPT = ("send_workbook(", "note_taken(", "Kind.EXPORT", "self.took(")
EMPTY = "a form to be filled in, with nobody's data"
OURS = "a rule or a template of the product or the office, with nobody's data"
PAPER = "one paper of one case, looked at where its case is"
TOLD = "what was just done, line by line in the trail itself"
NO_LIST = {
    "cases/views/bulk_told.py:result_file": TOLD,
    "cases/views/pairing.py:template": EMPTY,
    "cases/views/paper_files.py:evidence_file": PAPER,
    "cases/views/paper_files.py:held_file": PAPER,
    "cases/views/paper_files.py:picture_of": PAPER,
    "config/files/views.py:file_job_file": "in the trail since it was written, for its asker alone",
    "config/management/commands/people.py:work": EMPTY,
    "config/management/commands/programme.py:_draw": OURS,
    "config/management/inviting_many.py:write": "kept by the command that calls it, clerks",
    "config/simulation/views.py:simulation_export": "a made-up city",
    "enterprises/views/numbers.py:numbers_template": EMPTY,
    "organisations/views/importing.py:template": EMPTY,
    "reports/views/document_sheets.py:document_sheet": PAPER,
    "reports/views/samples.py:firm_sample": EMPTY,
    "reports/views/styles.py:house_template": OURS,
    "resources/views/importing.py:template": EMPTY,
    "workflows/views.py:text": OURS,
}


def _made() -> Iterator[tuple[str, str, str]]:
    """Functions of doors that make a file: their place, their text, the text of their module."""
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not ("/views" in place or "/management/" in place):
                continue
            text = path.read_text(encoding="utf-8")
            if not any(mark in text for mark in MADE):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    body = ast.unparse(node)
                    if any(mark in body.partition(":\n")[2] for mark in MADE):
                        yield f"{place}:{node.name}", body, text


def test_each_file_that_leaves_is_in_the_trail() -> None:
    """A page keeps it in the function that answers, a command in the command."""
    silent = {
        name
        for name, body, text in _made()
        if not any(mark in (text if "/management/" in name else body) for mark in KEPT)
    }
    assert silent == set(NO_LIST)
