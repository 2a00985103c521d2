"""The arrays of a live office's forward run. Pure; one unit of time throughout, whichever."""

from typing import NamedTuple

from queue_server.forecasting.kernel import Flags, Floats, Ints


class Ground(NamedTuple):
    """Counters (C) and lines (L) of one office at one moment."""

    phase_at: Floats  # P: when each phase begins, the first at -inf; from then on other reservations hold
    reach: Ints  # P × C × L: lines a counter serves, padded with -1
    reach_count: Ints  # P × C
    serving: Flags  # P × C × L: skills, less what is barred
    serves: Flags  # C × L: skills
    barred: Flags  # P × C × L: what reservations take away
    flexibility: Ints  # C: number of services
    speed: Floats  # C: a service of one minute takes this long
    line_service: Ints  # L
    favoured: Flags  # L: priority or appointment
    own: Flags  # L: people sent to one counter
    break_at: Floats  # C × B: the counter rests when free at or after this, inf where there is none
    break_length: Floats  # C × B
    closes: Floats  # C: calls nobody from here on
    bounded: bool  # whether ordinary and favoured calls alternate by `LineRule.ratio`
    early_last: bool  # whether people before their booked time are called only when nobody is due
    services: int
    lean: bool  # of counters that are free at the same moment the one with the fewest services calls first


class Crowd(NamedTuple):
    """People: the first `waiting` stand in line now, the rest come; R futures × N, in order of arrival."""

    arrive: Floats
    due: Floats  # the wait counts from here, and so does the place in the line
    line: Ints
    order: Ints  # breaks ties
    minutes: Floats
    paced: Flags  # False: takes `minutes` at any counter (somebody who does not come)
    pause: Floats  # the counter is held this long afterwards
    size: Ints  # R: people in each future


class Desks(NamedTuple):
    """Counters now. A counter that will not work again is free at inf."""

    free_at: Floats  # R × C
    idle_since: Floats  # C; inf for a counter that is not idle
    run: Ints  # C: ordinary calls since its last favoured one


class Question(NamedTuple):
    """What one run is asked."""

    now: float
    until: float
    known: int  # people known now: those of an order below this
    ends: bool  # the run ends early, once all known people and all probes are called
    probes: Flags  # L: where to ask when one more person, who comes now, would be called
    counter: int  # this counter first calls the head of `line`, whatever the rule says; -1: none does
    line: int
