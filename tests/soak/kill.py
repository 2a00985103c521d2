"""The kill campaign: the whole program is killed under load, again and again, and keeps every promise exactly once."""

import random
import time

from tests.acceptance.crowd import Crowd, broken_promises
from tests.acceptance.program import Program, wait_for
from tests.conftest import take_free_ports
from tests.soak.campaign import Campaign, Findings, Options

ROUNDS = 500
MORE_TICKETS = 10  # before each kill, so that every life of the program has done something
BROKER_EVERY = 5  # rounds: the broker dies too


def run(options: Options) -> Findings:
    """Kiosks and officers repeat each command until it is answered, whoever of server and broker has just died."""
    dice = random.Random(options.first)
    program = Program(options.folder / "data", *take_free_ports(2)).start()
    crowd = Crowd(program).start()
    rounds = options.count(ROUNDS)
    try:
        for each in range(rounds):
            before = len(crowd.issued)
            wait_for(lambda known=before: len(crowd.issued) > known + MORE_TICKETS, "the crowd gets no tickets")
            if each % BROKER_EVERY == 0:
                program.kill_broker()
            time.sleep(dice.uniform(0.0, 0.3))
            program.kill()
            program.start()
        crowd.stop()
        with program.client("board") as board:
            shown = {ticket["number"] for ticket in board.get("/state").json()["tickets"]}
        program.stop()
    finally:
        crowd.over.set()
        program.clear_away()
    wrong = [*program.problems(), *broken_promises(program, crowd, shown), *sorted(set(crowd.failures))[:20]]
    figures = {"rounds": rounds, "numbers": len(crowd.issued), "calls": len(crowd.called), "retries": crowd.retries}
    return Findings(figures=figures, failures=tuple(wrong))


CAMPAIGN = Campaign(
    name="kill",
    shows="the program with broker and forecaster is killed under load 500 times: nothing lost, nothing doubled",
    run=run,
)
