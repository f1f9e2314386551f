"""What a long register would change: the plan of ``register_plan``, with most rows left packed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from enterprises.importing import twice
from enterprises.importing.accepting import check_acceptable
from enterprises.importing.findings import Finding, once_a_row
from enterprises.importing.guards import check_not_ahead, check_not_earlier, newest_batch_id
from enterprises.importing.long.judging import Judging
from enterprises.importing.long.lines import Lines
from enterprises.importing.long.listed import compare, listing, may_list
from enterprises.importing.long.parts import Parts
from enterprises.importing.long.steps import New, Same, marks_of
from enterprises.importing.regions import regions_of
from enterprises.importing.register_plan import RegisterPlan, Sorting
from enterprises.importing.register_rows import Knowledge
from enterprises.importing.store import load_some
from enterprises.importing.tables import Headings
from enterprises.models import Enterprise, Membership
from organisations.lengths import OF_NAME, check_length
from organisations.models import Region

# a file of some twenty thousand rows (bytes); what is shorter is not worth the way
LONG = 1 << 20


def is_long(path: Path, money_source: str = "") -> bool:
    """Whether the list is taken by this way. Money columns that are to be kept are not."""
    if connection.vendor != "postgresql" or money_source.strip():
        return False
    return path.is_file() and path.stat().st_size >= LONG and may_list()


def preview_long(
    city: Region,
    path: Path,
    *,
    file_name: str = "",
    headings: Headings | None = None,
    as_of: date,
    accept: Mapping[tuple[str, int], str] | None = None,
    is_strict: bool = False,
    today: date | None = None,
) -> RegisterPlan:
    """The plan of ``read_register`` and ``preview_register``; reads and compares part by part.

    ``is_strict``: every row of ``accept`` must fit. Raises ``ImportRefused``, and ``Uncut`` for a
    workbook that can only be read as a whole.
    """
    check_not_ahead(as_of, today)
    check_not_earlier(city, as_of)
    for reason in (accept or {}).values():
        check_length(reason, OF_NAME)
    base = newest_batch_id(city)
    noted = Enterprise.objects.exclude(code_note="").values_list("credit_code", flat=True)
    known = Knowledge(
        regions=regions_of(city),
        accepted=accept or {},
        noted_codes=frozenset(code for code in noted if code),
        latest=today,
    )
    parts, judging = Parts(path, file_name), Judging(known, headings)
    with transaction.atomic():
        with listing() as to:
            # its reader is ended with it, whatever happens
            with closing(iter(parts)) as told:
                for part in told:
                    to.write(judging.take(part))
            to.write(judging.finish())
        if is_strict:
            check_acceptable(judging.vouched, accept or {})
        compared = compare(city)
    members = Membership.objects.filter(city=city, left_on=None).count()
    lines = judging.lines
    sorting = Sorting(load_some(city, compared.firms))
    marks = marks_of(compared.looked_at, judging.end)
    looked_at = {int(line[0]): lines.row(line) for line in lines.marked(marks)}
    sorting.take([row for _at, row in sorted((judging.refused | looked_at).items())])
    leaving = (*sorting.leaving, *sorting.absent())
    new = New(lines, marks_of(compared.fresh, judging.end), sorting.new)
    warnings = _in_order([*_plain_warnings(lines, looked_at), *sorting.warnings], lines)
    plan = RegisterPlan(
        city=city,
        as_of=as_of,
        file_name=parts.file_name,
        sha256=parts.sha256,
        members=members,
        base_batch_id=base,
        regions=known.regions,
        new=new,
        changed=tuple(sorting.changed),
        leaving=leaving,
        unchanged=Same(compared.same + len(sorting.unchanged)),
        refused=once_a_row(sorting.refused),
        warnings=once_a_row([*twice.pairs(new, leaving), *warnings]),
    )
    return replace(plan, leaving=()) if plan.whole is not None else plan


def _plain_warnings(lines: Lines, looked_at: Mapping[int, object]) -> Iterator[Finding]:
    for at, warnings in lines.warnings.items():
        if at not in looked_at:
            yield from warnings


def _in_order(findings: Sequence[Finding], lines: Lines) -> list[Finding]:
    sheets = {sheet.name: at for at, sheet in enumerate(lines.sheets)}
    return sorted(findings, key=lambda finding: (sheets[finding.sheet], finding.row))
