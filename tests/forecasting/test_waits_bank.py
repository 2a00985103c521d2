"""The call centre: rows read right, columns known when the call came, and a back-test that cheats nowhere."""

from datetime import date

import numpy as np
import pytest

from queue_server.forecasting import backtest, features_bank
from queue_server.forecasting.bank import Bank, BankDay, read
from queue_server.forecasting.conformal import Setting
from queue_server.forecasting.learned import Growth

HEADER = "date,type,priority,arr,wait,outcome,server,ser_start,ser_exit,ser_time"


def a_bank(days: int = 3, calls: int = 200) -> Bank:
    """Two agents, exponential calls, everybody in turn."""
    rng = np.random.default_rng(1)
    rows = [HEADER]
    for day in range(1, days + 1):
        free, now = [28_000.0, 28_000.0], 28_000.0
        for _ in range(calls):
            now += rng.exponential(70.0)
            agent = int(np.argmin(free))
            start = max(now, free[agent])
            took = rng.exponential(120.0) + 5
            free[agent] = start + took
            rows.append(
                f"199901{day:02d},PS,1,{now:.0f},{start - now:.0f},AGENT,agent0{agent},{start:.0f},0,{took:.0f}"
            )
    return read(rows)


def test_calls_are_read_in_the_order_of_coming():
    bank = read([
        HEADER,
        "19990102,PS,2,200,30,AGENT,agent01,230,290,60",
        "19990102,NW,0,100,50,HANG,,0,0,0",
        "19990102,NW,0,bad,50,HANG,,0,0,0",
    ])  # fmt: skip
    day = bank.days[0]
    assert day.came.tolist() == [100, 200]
    assert day.served.tolist() == [False, True]
    assert day.wait.tolist() == [50, 30]
    assert day.ended.tolist() == [150, 290]


def test_a_step_of_priority_is_worth_ninety_seconds():
    assert features_bank.head_start(np.array([0, 1, 2])).tolist() == [-90, 0, 90]


def test_only_calls_that_waited_and_were_answered_are_told():
    bank = a_bank()
    table = features_bank.table(bank, date(1999, 1, 3))
    assert len(table.wait) == sum(int((d.served & (d.wait > 0)).sum()) for d in bank.days)
    assert (table.wait > 0).all()


def test_no_column_knows_the_future():
    bank = a_bank()
    day = bank.days[-1]
    half = len(day.came) // 2
    now = day.came[half]
    later = day.left > now
    changed = BankDay(
        day=day.day, kind=day.kind, priority=day.priority, came=day.came,
        left=np.where(later, day.left + 500, day.left), ended=np.where(later, day.ended + 900, day.ended),
        agent=day.agent,
    )  # fmt: skip
    until = date(1999, 1, 3)
    true = features_bank.table(bank, until)
    other = features_bank.table(Bank(types=bank.types, agents=bank.agents, days=(*bank.days[:-1], changed)), until)
    pick = [(t.day == day.day.toordinal()) & (t.asked_at <= now) for t in (true, other)]
    shared = np.intersect1d(true.asked_at[pick[0]], other.asked_at[pick[1]])
    assert len(shared) > 20
    for at in shared:
        rows = [t.rows[chosen & (t.asked_at == at)][0] for t, chosen in zip((true, other), pick, strict=True)]
        assert np.array_equal(rows[0], rows[1], equal_nan=True)


def test_a_centre_without_calls_gives_no_rows():
    assert features_bank.habits(Bank(types=("PS",), agents=(), days=()), []).skills.shape == (0, 1)


def a_past(days: int = 8, each: int = 60) -> backtest.Past:
    """Waits that one column half explains."""
    rng = np.random.default_rng(2)
    count = days * each
    rows = rng.random((count, 3))
    wait = 5 + 30 * rows[:, 0] * rng.lognormal(0, 0.3, count)
    day = np.repeat(np.arange(days), each)
    asked = day * 1440.0 + np.tile(np.linspace(480, 900, each), days)
    return backtest.Past(
        rows=rows, wait=wait, day=day, asked_at=asked, called_at=asked + wait,
        service=np.where(np.arange(count) % 2, "a", "b"), unit=3.0, sizes=(5.0, 15.0, 40.0),
    )  # fmt: skip


SMALL = Growth(trees=30, rate=0.2, depth=3, least_leaf=20)


def test_calls_are_learned_from_before_tickets_that_ask_at_the_same_moment():
    past = a_past(days=1, each=5)
    order = list(backtest.in_order(past, np.arange(5)))
    assert len(order) == 10
    for place in range(5):
        assert order.index((True, place)) < order.index((False, place))


def test_the_back_test_beats_a_guess_and_covers():
    past = a_past()
    scored = backtest.run(past, 6, growth=SMALL)
    truth = past.wait[scored.test]
    plain = np.abs(np.median(past.wait[past.day < 6]) - truth).mean()
    assert np.abs(scored.likely - truth).mean() < 0.8 * plain
    inside = (truth >= scored.low) & (truth <= scored.high)
    assert 0.7 <= inside.mean() <= 0.95


def test_what_happens_on_a_test_day_changes_no_earlier_announcement():
    past = a_past()
    first = backtest.run(past, 6, growth=SMALL)
    wait = past.wait.copy()
    wait[past.day == 7] *= 5
    other = backtest.Past(
        rows=past.rows, wait=wait, day=past.day, asked_at=past.asked_at, called_at=past.asked_at + wait,
        service=past.service, unit=3.0, sizes=past.sizes,
    )  # fmt: skip
    second = backtest.run(other, 6, growth=SMALL)
    early = past.day[first.test] == 6
    assert np.array_equal(first.low[early], second.low[early])
    assert np.array_equal(first.likely, second.likely)


@pytest.mark.parametrize("test_from", [0, 99])
def test_nothing_to_learn_from_and_nothing_to_test_are_no_errors(test_from):
    scored = backtest.run(a_past(days=2, each=10), test_from, growth=SMALL, setting=Setting())
    assert np.isfinite(scored.high).all()
