"""SIGKILL between any two statements of delivering and reconciling: enumerated, not sampled."""

from __future__ import annotations

import pytest

from channels.rehearsal.faults import Fault
from tests.torture.scripts import Script
from tests.torture.stage import Stage
from tests.torture.statements import everywhere, long_scripts

SHORT = (
    Script("x", (Fault("x", "send", "closed", "after"),)),
    Script("facebook", (Fault("facebook", "send", "graph", "after", arguments={"code": 100}),)),
    Script("x", (Fault("x", "send", "closed", "after", skip=1),), parts=2),
    Script("email", (Fault("email", "rcpt", "smtp-451"),)),
)


@pytest.mark.parametrize("script", SHORT, ids=lambda script: f"{script.kind} in {script.parts}")
def test_a_worker_that_dies_before_any_statement_call_or_answer_harms_nothing(stage: Stage, script: Script) -> None:
    """Every fourth moment here, each one in the long form; the moments shift from script to script."""
    total = everywhere(stage, script, first=1 + SHORT.index(script), every=4)
    assert total.wrong == []
    assert (total.doubles, total.lost) == (0, 0)
    assert total.kills > 20


def test_the_long_form_kills_in_every_kind_thread_wish_and_failing_look() -> None:
    scripts = long_scripts()
    assert {one.kind for one in scripts} == {"x", "facebook", "email"}
    assert any(one.parts == 3 for one in scripts)
    assert any(one.wish_step is not None for one in scripts)
    assert any(one.looks for one in scripts)
