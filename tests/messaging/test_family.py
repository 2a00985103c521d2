"""A machine whose loopback knows IPv6 only: what decides how the broker's port is asked for."""

import socket

import pytest

from queue_server.kit.ports import family


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", socket.AF_INET),
        ("0.0.0.0", socket.AF_INET),
        ("localhost", socket.AF_INET),
        ("::1", socket.AF_INET6),
    ],
)
def test_the_family_follows_the_address(address: str, expected: socket.AddressFamily) -> None:
    assert family(address) == expected
