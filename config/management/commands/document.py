"""``manage.py document``: the office's documents, step by step, and as files."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management import CommandError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import uploads
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case
from config.commanding import Door
from config.management import arguments
from config.management.house_style import style_arguments, work_style
from organisations import clock
from organisations.scope import Actor
from reports.documents import actions, kinds, letters, printing, telling
from reports.documents.again import again_words, already_out
from reports.documents.content import linked
from reports.documents.nouns import Document
from reports.documents.render import NoPdf
from reports.documents.route import ON_PAPER, State, Step
from reports.documents.typed import typed_figures
from reports.documents.waiting import ToSign, Unsigned, to_sign, unsigned
from workflows.models import Programme

RECEIVE = "receive"
WITH_REASON = {
    Step.SEND_BACK.value: actions.send_back,
    Step.DISCARD.value: actions.discard,
    Step.WITHDRAW.value: actions.withdraw,
}


class Command(Door):
    help = "Drafts, passes on, signs, numbers, issues and prints documents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="WHAT")
        listed = parts.add_parser("list", help="documents, the newest first")
        listed.add_argument("--state", choices=State.values, help="at this step only")
        listed.add_argument("--kind", choices=Document.Kind.values, help="of this kind only")
        listed.add_argument("--programme", help="the key of a programme")
        listed.add_argument(
            "--to-sign", action="store_true", help="what one's own units are still to sign for"
        )
        listed.add_argument(
            "--unsigned", action="store_true", help="issued and not signed for in time, with whom"
        )
        draft = parts.add_parser("draft", help="compile a draft from the data")
        draft.add_argument("kind", choices=Document.Kind.values)
        draft.add_argument("programme", help="the key of a programme")
        draft.add_argument("--as-of", metavar="DAY", help="the day of the figures; default: today")
        draft.add_argument("--case", default="", help="number of the case that it is about")
        draft.add_argument("--letter", type=arguments.count, help="number of a released letter")
        several = parts.add_parser("register", help="register released letters, many in one go")
        several.add_argument(
            "letters", type=arguments.count, nargs="*", help="their numbers; none: all that wait"
        )
        several.add_argument("--dry-run", action="store_true", help="only name them")
        style_arguments(parts)
        self._about(parts.add_parser("show", help="the text and the steps of a document"))
        step = parts.add_parser("step", help="the next step, or send_back, discard, withdraw")
        step.add_argument("step", choices=[*Step.values, RECEIVE])
        self._about(step)
        step.add_argument("--name", default="", help="who signed on the paper form")
        step.add_argument("--signed-on", metavar="DAY", help="the day of that signature")
        step.add_argument("--number", default="", help="a number given elsewhere")
        step.add_argument("--note", default="", help="a remark, or the reason")
        sheet = parts.add_parser("sheet", help="sign by the scan of the paper form")
        self._about(sheet)
        sheet.add_argument("files", nargs="+", metavar="SCAN", help="its pages: PDF, JPG or PNG")
        sheet.add_argument(
            "--signed",
            action="append",
            default=[],
            metavar="STEP=NAME,DAY",
            help="who signed a step (check, countersign, sign) on it, and when; once a step",
        )
        urge = parts.add_parser("urge", help="urge whoever has not signed for it")
        self._about(urge)
        for name, words in (
            ("pdf", "write the paper"),
            ("docx", "write a Word file to edit"),
            ("xlsx", "write its tables as a workbook"),
        ):
            written = parts.add_parser(name, help=words)
            self._about(written)
            written.add_argument("--output", metavar="FILE", help="default: a name of its own")
        stack = parts.add_parser("merge", help="write several papers in one go: a PDF or a zip")
        stack.add_argument("documents", type=arguments.count, nargs="+", help="their numbers here")
        stack.add_argument("--apart", action="store_true", help="a zip with a file each")
        stack.add_argument("--output", metavar="FILE", help="default: documents.pdf or .zip")
        for part in parts.choices.values():
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def _about(self, part: ArgumentParser) -> None:
        part.add_argument("document", type=arguments.number, help="the document's own number here")

    def work(self, options: dict[str, Any]) -> None:
        getattr(self, f"_{options['part']}")(options)

    def _waiting(self, options: dict[str, Any]) -> None:
        """待签收 of one's own units, or what the office sees overdue."""
        on = clock.today()
        by = self.person(options, on)
        found: list[dict[str, Any]] = (
            [_late(one) | {"units": one.units} for one in unsigned(by, on)]
            if options["unsigned"]
            else [_late(one) for one in to_sign(by, on)]
        )
        if options["json"]:
            self.say_json(found)
            return
        for row in found:
            self.stdout.write("\t".join(str(word) for word in row.values()))

    def _list(self, options: dict[str, Any]) -> None:
        if options["to_sign"] or options["unsigned"]:
            self._waiting(options)
            return
        rows = self._visible(options).order_by("-id")
        if options["programme"]:
            rows = rows.filter(programme=arguments.programme(options["programme"]))
        for name in ("state", "kind"):
            if options[name]:
                rows = rows.filter(**{name: options[name]})
        found = [_figures(document) for document in rows]
        if options["json"]:
            self.say_json(found)
            return
        for row in found:
            words = [row["id"], row["kind_label"], row["state_label"], row["number"], row["title"]]
            self.stdout.write("\t".join(str(word) for word in words))

    def _draft(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        on = timezone.localdate(at)
        by = self.person(options, on)
        programme = arguments.programme(options["programme"])
        if options["letter"] is not None:
            self._say(letters.register_letter(options["letter"], by=by, at=at), options)
            return
        as_of = arguments.day(options["as_of"]) if options["as_of"] else on
        case = _case(programme, options["case"], by) if options["case"] else None
        subject = kinds.Subject(programme, min(as_of, on), on, case)
        made = kinds.draft_of(Document.Kind(options["kind"]), subject, by=by, at=at)
        self._warn(made)
        self._say(made, options)

    def _warn(self, document: Document) -> None:
        """A circular of the same figures is out already."""
        if other := already_out(document):
            self.stderr.write(again_words(other))

    def _register(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        waiting = letters.unregistered(by.city_ids).order_by("decided_at", "pk")
        chosen = options["letters"] or list(waiting.values_list("pk", flat=True)[: letters.AT_ONCE])
        if options["dry_run"]:
            rows = waiting.filter(pk__in=letters.registrable(chosen, by=by))
            found = [{"letter": o.pk, "number": o.number, "to": str(o.unit)} for o in rows]
        else:
            made = letters.register_letters(chosen, by=by, at=at)
            found = [_figures(document) for document in made]
        if options["json"]:
            self.say_json(found)
        else:
            self.stdout.write("\n".join("\t".join(map(str, row.values())) for row in found))

    def _style(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        found = work_style(options, by=self.person(options, timezone.localdate(at)), at=at)
        if options["json"]:
            self.say_json(found)
        else:
            self.stdout.write("\n".join("\t".join(map(str, row.values())) for row in found))

    def _show(self, options: dict[str, Any]) -> None:
        found = self._found(options)
        said = found.said
        got = found.receipts.select_related("unit", "opened_by", "signed_by")
        result = _figures(found) | {
            "addressee": said.addressee,
            "text": [linked(text, said.figures) for text in said.paragraphs],
            "typed_figures": typed_figures(said),
            "annexes": [annex.title for annex in said.annexes],
            "steps": [_step(step) for step in found.steps.select_related("sheet", "recorded_by")],
            "receipts": [_receipt(receipt) for receipt in got],
        }
        if options["json"]:
            self.say_json(result)
            return
        lines = [result["title"], result["addressee"], *result["text"]]
        lines += ["\t".join(map(str, step.values())) for step in result["steps"]]
        self.stdout.write("\n".join(line for line in lines if line))

    def _step(self, options: dict[str, Any]) -> None:
        at, step = arguments.moment(options["at"]), options["step"]
        by = self.person(options, timezone.localdate(at))
        found = self._found(options)
        given: dict[str, Any] = {"by": by, "at": at, "version": found.version}
        if step == RECEIVE:
            actions.sign_for(found.pk, by=by, at=at)
        elif step in WITH_REASON:
            WITH_REASON[step](found.pk, reason=options["note"], **given)
        else:
            signed_on = arguments.day(options["signed_on"]) if options["signed_on"] else None
            actions.advance(
                found.pk,
                step=Step(step),
                name=options["name"],
                signed_on=signed_on,
                number=options["number"],
                note=options["note"],
                **given,
            )
        found.refresh_from_db()
        self._say(found, options)

    def _sheet(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        found = self._found(options)
        papers = [_scan(Path(name)) for name in options["files"]]
        signed = dict(_signed(text) for text in options["signed"])
        done = actions.sign_by_sheet(
            found.pk, by=by, at=at, version=found.version, papers=papers, signed=signed
        )
        self._say(done, options)

    def _urge(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        n = telling.urge(self._found(options).pk, by=by, at=at)
        if options["json"]:
            self.say_json({"urged": n})
        else:
            self.stdout.write(str(n))

    def _pdf(self, options: dict[str, Any]) -> None:
        found = self._found(options)
        by = self.actor(options, self._day(options))
        try:
            self._write(found, printing.pdf_for(found, by), "pdf", options)
        except NoPdf as refusal:
            raise Refused(refusal.code, refusal.words) from refusal

    def _merge(self, options: dict[str, Any]) -> None:
        found = [self._found({**options, "document": pk}) for pk in options["documents"]]
        try:
            by, apart = self.actor(options, self._day(options)), options["apart"]
            data, ending = printing.stack_of(found, by, apart=apart), "zip" if apart else "pdf"
        except NoPdf as refusal:
            raise Refused(refusal.code, refusal.words) from refusal
        place = Path(options["output"] or f"documents.{ending}")
        place.write_bytes(data)
        self.took("document_stack", str(place), by=by, rows=len(found))
        if options["json"]:
            self.say_json({"file": str(place), "kind": ending, "documents": len(found)})
        else:
            self.stdout.write(str(place))

    def _docx(self, options: dict[str, Any]) -> None:
        found = self._found(options)
        by = self.actor(options, self._day(options))
        self._write(found, printing.docx_for(found, by), "docx", options)

    def _xlsx(self, options: dict[str, Any]) -> None:
        found = self._found(options)
        by = self.actor(options, self._day(options))
        self._write(found, printing.xlsx_for(found, by), "xlsx", options)

    def _write(self, found: Document, data: bytes, ending: str, options: dict[str, Any]) -> None:
        place = Path(options["output"] or printing.file_name(found, ending))
        place.write_bytes(data)
        by = self.actor(options, self._day(options))
        self.took("document", str(place), by=by, subject=found)
        if options["json"]:
            self.say_json({"file": str(place), "bytes": len(data)})
        else:
            self.stdout.write(str(place))

    def _day(self, options: dict[str, Any]) -> date:
        return timezone.localdate(arguments.moment(options["at"]))

    def _visible(self, options: dict[str, Any]) -> QuerySet[Document]:
        by = self.actor(options, self._day(options))
        return Document.objects.visible_to(by).select_related("programme__city")

    def _found(self, options: dict[str, Any]) -> Document:
        found = self._visible(options).filter(pk=options["document"]).first()
        if found is None:
            raise Refused("no_document", _("This document does not exist."))
        return found

    def _say(self, document: Document, options: dict[str, Any]) -> None:
        figures = _figures(document)
        if options["json"]:
            self.say_json(figures)
        else:
            words = [figures[key] for key in ("id", "kind_label", "state_label", "number", "title")]
            self.stdout.write("\t".join(str(word) for word in words))


def _scan(path: Path) -> Paper:
    try:
        with path.open("rb") as source:
            return uploads.check(File(source), path.name)
    except OSError as error:
        raise CommandError(_("%(file)s cannot be read.") % {"file": path}) from error


def _signed(text: str) -> tuple[Step, tuple[str, date | None]]:
    """``sign=王示例,2022-03-30``"""
    step, _equals, rest = text.partition("=")
    name, _comma, day = rest.rpartition(",")
    if step not in {one.value for one in ON_PAPER} or not name:
        raise CommandError(_("%(text)s is no STEP=NAME,DAY.") % {"text": text})
    return Step(step), (name, arguments.day(day))


def _case(programme: Programme, number: str, by: Actor) -> Case:
    _year, _dash, serial = number.partition("-")
    cases = Case.objects.visible_to(by).filter(programme=programme)
    found: Case | None = cases.filter(serial=int(serial)).first() if serial.isdecimal() else None
    if found is None:
        raise CommandError(_("There is no case %(number)s.") % {"number": number})
    return found


def _figures(document: Document) -> dict[str, Any]:
    return {
        "id": document.pk,
        "programme": document.programme.key,
        "kind": document.kind,
        "kind_label": document.get_kind_display(),
        "state": document.state,
        "state_label": document.get_state_display(),
        "number": document.number,
        "title": document.title,
        "as_of": document.as_of,
        "version": document.version,
    }


def _late(one: ToSign | Unsigned) -> dict[str, Any]:
    row = one.document
    return {
        "id": row.pk,
        "number": row.number,
        "title": row.title,
        "due_on": one.due_on,
        "late_days": one.late,
    }


def _step(step: Any) -> dict[str, Any]:
    return {
        "step": step.get_step_display(),
        "name": step.name,
        "signed_on": step.signed_on,
        "on_paper": step.on_paper,
        "sheet": step.sheet.file_name if step.sheet else "",
        "recorded_by": str(step.recorded_by or ""),
        "note": step.note,
    }


def _receipt(receipt: Any) -> dict[str, Any]:
    return {
        "unit": receipt.unit.name,
        "opened_at": receipt.opened_at,
        "opened_by": str(receipt.opened_by or ""),
        "signed_at": receipt.signed_at,
        "signed_by": str(receipt.signed_by or ""),
        "urged_times": receipt.urged_times,
    }
