"""What the transition of `Case.stage` is allowed to do: the pack's graph, and the fixed ends."""

from workflows.procedure import (
    CARRIED_OVER,
    CLOSED,
    DELISTED,
    GRAPH_VERBS,
    TERMINAL,
    WITHDRAWN,
    Procedure,
)

# Verbs that end a case from any open stage, and the code that each of them leaves.
ENDINGS = {
    "delist": DELISTED,
    "withdraw": WITHDRAWN,
    "carry_over": CARRIED_OVER,
    "end_with": WITHDRAWN,  # a remedy that the closing of its case leaves behind
}
REOPENED_FROM = (CLOSED, DELISTED, WITHDRAWN)


def allows(procedure: Procedure, stage: str, verb: str, to: str, grade: str | None = None) -> bool:
    """Whether `verb` may take a case of this procedure from `stage` to `to`.

    Who may do it is `cases.permissions`; what else must hold is `cases.policies`.
    A verb that does not move must stay where it is. `migrate` enters a stage of the new version.
    """
    if verb == "undo_import":  # whatever it was taken over as
        return stage != WITHDRAWN and to == WITHDRAWN
    if verb == "undo_carry":  # the old case goes on again, the new one was never begun
        return to == WITHDRAWN != stage or (stage == CARRIED_OVER and procedure.has(to))
    if verb == "reopen":
        return stage in REOPENED_FROM and procedure.has(to)
    if stage in TERMINAL:
        return False
    if verb == "migrate":  # the stage is another version's
        return procedure.has(to)
    if not procedure.has(stage):
        return False
    if verb in ENDINGS:
        return to == ENDINGS[verb]
    if verb in GRAPH_VERBS:
        return procedure.move(stage, verb, to, grade) is not None
    return to == stage
