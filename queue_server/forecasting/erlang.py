"""Erlang's formulas for one pool of equal counters: the textbook beside the simulation. Pure.

Erlang 1917; `a` is the offered load in counters (arrivals a minute x mean service minutes).
"""


def waiting_chance(counters: int, load: float) -> float:
    """Erlang C: the chance that an arrival must wait. 1 when the counters cannot keep up, 0 without load."""
    if load <= 0:
        return 0.0
    if counters <= load:
        return 1.0
    blocked = 1.0  # Erlang B by its stable recursion
    for number in range(1, counters + 1):
        blocked = load * blocked / (number + load * blocked)
    return counters * blocked / (counters - load * (1 - blocked))


def mean_wait(counters: int, per_minute: float, service: float) -> float:
    """Mean wait in minutes in the long run; infinite when the counters cannot keep up."""
    load = per_minute * service
    if load <= 0:
        return 0.0
    if counters <= load:
        return float("inf")
    return waiting_chance(counters, load) * service / (counters - load)


def counters_needed(per_minute: float, service: float, target: float) -> int:
    """The fewest counters whose mean wait stays within `target` minutes; 0 when nobody comes."""
    if per_minute <= 0 or service <= 0:
        return 0
    counters = max(1, int(per_minute * service))
    while mean_wait(counters, per_minute, service) > max(target, 0.01):
        counters += 1
    return counters
