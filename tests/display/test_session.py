"""Who may open what, and that signing in leads nowhere else than to our own pages."""

import pytest

from display.session import home_of, local_path, may_open
from queue_server.contract.ports import Identity

LAN = Identity(role="officer", subject="lan")
MINH = Identity(role="officer", counter="q3", subject="minh")


def as_role(role):
    return Identity(role=role)


@pytest.mark.parametrize(
    ("page", "roles"),
    [
        ("console", {"officer", "manager", "admin"}),
        ("manager", {"manager", "admin", "auditor"}),
        ("admin", {"admin", "manager"}),
    ],
)
def test_each_page_is_open_to_its_roles_only(page, roles):
    everybody = {"officer", "kiosk", "manager", "admin", "auditor", "board", "stranger"}
    assert {role for role in everybody if may_open(as_role(role), page)} == roles
    assert not may_open(None, page)


def test_an_officer_bound_to_a_counter_opens_only_that_one():
    assert may_open(MINH, "console", "q3")
    assert not may_open(MINH, "console", "q1")
    assert may_open(LAN, "console", "q1")
    assert may_open(Identity(role="manager", counter="q3"), "console", "q1")


@pytest.mark.parametrize(
    "bad",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "evil",
        "",
        None,
        "/x\r\nSet-Cookie: a=b",
        "/\tx",
    ],
)
def test_the_way_on_never_leaves_this_server(bad):
    assert local_path(bad, "/home") == "/home"


def test_the_way_on_keeps_its_query():
    assert local_path("/console?counter=q3&lang=en", "/") == "/console?counter=q3&lang=en"


def test_every_role_has_a_first_page():
    assert home_of(MINH) == "/console?counter=q3"
    assert home_of(LAN) == "/console"
    assert home_of(as_role("auditor")) == "/manager"
    assert home_of(as_role("admin")) == "/admin"
    assert home_of(as_role("kiosk")) == "/"
