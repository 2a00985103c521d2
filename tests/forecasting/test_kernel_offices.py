"""Small made-up offices and days for the kernel's tests: builders, and that they hold together."""

import random

from queue_server.forecasting.office_days import CounterFacts, Day, DayTicket, OfficeFacts, ServiceFacts


def an_office(seed: int = 1, *, counters: int = 4, services: int = 3) -> OfficeFacts:
    """Overlapping skills, every service served, lunches in the first hours."""
    rng = random.Random(seed)
    skills = [
        tuple(sorted({c % services, *rng.sample(range(services), rng.randint(1, services))})) for c in range(counters)
    ]
    return OfficeFacts(
        services=tuple(ServiceFacts(mean_minutes=4.0 + 5 * s, cv=0.6) for s in range(services)),
        counters=tuple(
            CounterFacts(
                skills=skills[c], speed=rng.choice((0.9, 1.0, 1.1)), lunch_at=60.0 + 15 * (c % 3), lunch_minutes=20.0
            )
            for c in range(counters)
        ),
        classes=("walk_in", "priority", "appointment"),
        no_show_minutes=1.5,
        close_at=180.0,
    )


def a_day(office: OfficeFacts, seed: int = 1, *, tickets: int = 60, until: float = 150.0) -> Day:
    """A busy morning; whole minutes now and then, so that ties occur."""
    rng = random.Random(seed)
    served = sorted({s for c in office.counters for s in c.skills})

    def a_ticket() -> DayTicket:
        arrive = rng.uniform(0, until) if rng.random() < 0.7 else float(rng.randint(0, int(until)))
        cls = rng.choices((0, 1, 2), (7, 1, 2))[0]
        service = rng.choice(served)
        return DayTicket(
            arrive=arrive,
            due_from=max(arrive, 10.0 * rng.randint(0, 15)) if cls == 2 else arrive,
            service=service,
            cls=cls,
            minutes=rng.lognormvariate(0, 0.5) * office.services[service].mean_minutes,
            no_show=rng.random() < 0.1,
            pause_after=rng.choice((0.0, 0.0, 0.0, 4.0)),
        )

    return Day(weekday=0, tickets=tuple(sorted((a_ticket() for _ in range(tickets)), key=lambda t: t.arrive)))


def test_every_service_of_a_built_office_is_served() -> None:
    for seed in range(5):
        office = an_office(seed)
        assert {s for c in office.counters for s in c.skills} == set(range(len(office.services)))


def test_a_built_day_is_the_same_for_the_same_seed() -> None:
    office = an_office(1)
    assert a_day(office, 3) == a_day(office, 3)
    assert a_day(office, 3) != a_day(office, 4)
