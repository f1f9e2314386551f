"""The one generic flow: a case is viewflow's process, its open step viewflow's task.

The path of this module is stored data (``cases/flow.CaseFlow``): it never moves. The engine writes
the same rows that viewflow would; contract tests keep viewflow's stock API able to read and
continue what the engine moved.
"""

from __future__ import annotations

from typing import Any

from django.views.generic import RedirectView
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.lock import SelectForUpdateLock
from viewflow.workflow.nodes.view import ViewActivation

from cases.models import Case, WorkItem

# what a step of the same stage has of the one before it
KEPT = (
    "stage", "unit_id", "post_id", "started_on", "due_on", "budget", "phrase", "provisional",
    "deadline_version", "rungs_from", "next_check_at", "waits_higher", "is_chased",
    "is_correction", "return_reason", "is_declined", "is_suspended",
)  # fmt: skip


class StepActivation(ViewActivation):  # type: ignore[misc]
    """Viewflow's, which knows nothing of stages: behind a step that it executes comes one of the
    same stage, with the same people and dates. The engine alone moves a case."""

    @classmethod
    def create(
        cls,
        flow_task: Any,
        prev_activation: Any,
        token: Any,
        data: Any = None,
        seed: Any = None,
    ) -> StepActivation:
        last = prev_activation.task
        kept = {name: getattr(last, name) for name in KEPT}
        task = WorkItem(process=last.process, flow_task=flow_task, token=token, **kept)
        task.save()
        task.previous.add(last)
        return cls(task)


class Step(flow.View):  # type: ignore[misc]
    activation_class = StepActivation


class CaseFlow(flow.Flow):  # type: ignore[misc]
    """Start, then one human step that loops until the engine finishes the case."""

    process_class = Case
    task_class = WorkItem
    # viewflow's default lock does nothing; a double submit on it corrupted every run measured
    lock_impl = SelectForUpdateLock(nowait=False, attempts=1)

    start = flow.StartHandle().Next(this.step)
    # viewflow wants a view; ours are elsewhere, this one only leads to the case page
    step = Step(RedirectView.as_view(pattern_name="case")).Next(this.step)


def reference() -> tuple[Any, Any]:
    """The flow class and its human node, as the engine stores them."""
    return CaseFlow, CaseFlow.instance.node("step")
