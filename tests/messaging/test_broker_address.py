"""The address of the site's own broker."""

from pathlib import Path

import pytest

from queue_server.contract.broker import BrokerAddress, broker_address


def test_an_address_with_tls() -> None:
    found = broker_address("mqtts://queue:m%40t%3Akhau@broker.example:8884", ca=Path("ca.pem"))
    assert found == BrokerAddress(
        host="broker.example", port=8884, user="queue", password="m@t:khau", tls=True, ca=Path("ca.pem")
    )


@pytest.mark.parametrize(("scheme", "port", "tls"), [("mqtt", 1883, False), ("mqtts", 8883, True)])
def test_the_usual_ports(scheme: str, port: int, tls: bool) -> None:
    found = broker_address(f"{scheme}://queue:secret@[::1]")
    assert (found.host, found.port, found.tls) == ("::1", port, tls)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://queue:secret@host", "must start with mqtt"),
        ("host:1883", "must start with mqtt"),
        ("mqtt://queue:secret@", "no host"),
        ("mqtt://host", "anonymous"),
        ("mqtt://queue@host", "anonymous"),
        ("mqtt://queue:secret@host/topic", "nothing may follow"),
        ("mqtt://queue:secret@host?x=1", "nothing may follow"),
        ("mqtt://queue:secret@host:99999", "not a port"),
        ("mqtt://queue:secret@host:abc", "not a port"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_without_its_password(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        broker_address(url)
    assert "secret" not in str(caught.value)


def test_an_authority_without_tls_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs mqtts"):
        broker_address("mqtt://queue:secret@host", ca=Path("ca.pem"))


def test_a_password_does_not_show() -> None:
    assert "secret" not in repr(broker_address("mqtts://queue:secret@host"))


@pytest.mark.parametrize(
    "url", ["mqtts://queue:m%40t%3Akh%C3%A2u@broker.example:8884", "mqtt://queue:a%20b@[::1]:1884"]
)
def test_an_address_comes_back_as_it_was_given(url: str) -> None:
    assert broker_address(url).url == url
    assert broker_address(broker_address(url).url) == broker_address(url)
