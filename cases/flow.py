"""The one generic flow: a case is viewflow's process, its open step viewflow's task.

The path of this module is stored data (``cases/flow.CaseFlow``): it never moves. The engine writes
the same rows that viewflow would; contract tests keep viewflow's stock API able to read and
continue what the engine moved.
"""

from typing import Any

from django.views.generic import RedirectView
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.lock import SelectForUpdateLock

from cases.models import Case, WorkItem


class CaseFlow(flow.Flow):  # type: ignore[misc]
    """Start, then one human step that loops until the case is finished."""

    process_class = Case
    task_class = WorkItem
    # viewflow's default lock does nothing; a double submit on it corrupted every run measured
    lock_impl = SelectForUpdateLock(nowait=False, attempts=1)

    start = flow.StartHandle().Next(this.step)
    # viewflow wants a view; ours are elsewhere, this one only leads to the case page
    step = flow.View(RedirectView.as_view(pattern_name="case")).Next(this.more)
    more = (
        flow.If(lambda activation: not activation.process.is_finished)
        .Then(this.step)
        .Else(this.end)
    )
    end = flow.End()


def reference() -> tuple[Any, Any]:
    """The flow class and its human node, as the engine stores them."""
    return CaseFlow, CaseFlow.instance.node("step")
