"""A campaign in acts, from the bureau's workbook to the number of a circular.

Each act is one deed of a person or one call of the machine; it goes on from where the act before it
ended. ``again`` is what somebody does who finds the process dead: the same deed, with what he had
on his screen. What was done already may then be refused; it may not be done twice.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from cases import sealing
from cases.actions import extending, pauses, stages
from reports.documents.route import State, Step
from tests.prove.deeds import (
    FIRMS,
    LAST,
    LEAD,
    OFFICE,
    OPENED,
    SIGNED,
    WORKER,
    Act,
    accept,
    ask,
    back_up,
    backups_are_whole,
    climb_to_a_letter,
    deliver,
    document_step,
    each_letter_once,
    files_are_whole,
    hand_over,
    match_again,
    of_case,
    of_document,
    open_,
    plan,
    prove_the_rest,
    reassign,
    register,
    release,
    send,
    send_again,
    sign_many,
    take,
    tick,
    upload,
    urge_many,
    verb,
    wish,
    write_circular,
)
from tests.world import closing_form, matching_form, survey_form

# the bureau's list is all that the city has of them
NO_FACTS_YET = {"provincial_check": "none"}
ACTS: tuple[Act, ...] = (
    Act("import", take, before=plan, is_quick=True),
    Act("open", open_, is_quick=True),
    Act("tell of the opening", deliver(OPENED)),
    Act("sign for", verb(stages.acknowledge, WORKER, 9), before=of_case(0), is_quick=True),
    Act("sign for several", sign_many),
    Act("survey", verb(stages.advance, WORKER, 10, form=survey_form("B", SIGNED)),
        before=of_case(0)),
    Act("upload", upload, before=of_case(0), look=files_are_whole),
    Act("accept", accept),
    Act(
        "matching",
        verb(stages.advance, WORKER, 14, form=matching_form(SIGNED)),
        before=of_case(0),
        again=match_again,
    ),
    Act(
        "apply for closing",
        verb(stages.apply_for_closure, WORKER, 15, form=closing_form(SIGNED) | NO_FACTS_YET),
        before=prove_the_rest,
    ),
    Act("review", verb(stages.advance, LEAD, 16), before=of_case(0)),
    Act("close", verb(stages.close, OFFICE, 17), before=of_case(0)),
    Act("reassign", reassign),
    Act("ask for an extension", ask, before=wish),
    Act("grant it", verb(extending.decide, LEAD, 16, is_granted=True), before=of_case(1)),
    Act(
        "suspend",
        verb(pauses.suspend, LEAD, 16, until=date(2022, 4, 12), reason="停产检修"),
        before=of_case(2),
    ),
    Act("hand over", hand_over),
    Act("tick", tick(date(2022, 4, 12)), is_quick=True),
    Act("urge several", urge_many),
    Act("tell of the urging", deliver(date(2022, 4, 12))),
    Act("send", send(), again=send_again, look=each_letter_once, is_quick=True),
    Act("release a letter", release, before=climb_to_a_letter),
    Act("register the letter", register),
    Act("number a circular", document_step(Step.NUMBER), before=write_circular(State.TO_NUMBER)),
    Act("seal it", document_step(Step.SEAL), before=of_document),
    Act("issue it", document_step(Step.ISSUE), before=of_document),
    Act("tick for everybody", tick(LAST)),
    Act("leave the register", partial(take, on=date(2022, 5, 6)),
        before=partial(plan, firms=FIRMS - 1, on=date(2022, 5, 6))),
    Act("bind the trail", lambda scene: sealing.seal()),
    Act("back up", back_up, look=backups_are_whole),
)  # fmt: skip
