"""The parts that every other test stands on are real and separate."""

import threading
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from playwright.sync_api import sync_playwright


def a_client(mosquitto: Any, password: str) -> tuple[mqtt.Client, list[str], threading.Event]:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.username_pw_set(mosquitto.username, password)
    answers: list[str] = []
    answered = threading.Event()

    def on_connect(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        answers.append(str(reason))
        answered.set()

    client.on_connect = on_connect
    client.connect(mosquitto.host, mosquitto.port)
    return client, answers, answered


@pytest.mark.parametrize(("password", "expected"), [(None, "Success"), ("wrong", "Not authorized")])
def test_the_broker_knows_its_one_user(mosquitto: Any, password: str | None, expected: str) -> None:
    client, answers, answered = a_client(mosquitto, password or mosquitto.password)
    client.loop_start()
    try:
        assert answered.wait(10)
        assert answers[0] == expected
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_message_comes_back(mosquitto: Any, free_port: int) -> None:
    client, _, answered = a_client(mosquitto, mosquitto.password)
    got: list[bytes] = []
    came = threading.Event()

    def on_message(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        got.append(message.payload)
        came.set()

    client.on_message = on_message
    client.loop_start()
    try:
        assert answered.wait(10)
        topic = f"conftest/{free_port}"
        client.subscribe(topic, qos=1)
        client.publish(topic, "xin chào", qos=1)
        assert came.wait(10)
        assert got[0].decode() == "xin chào"
    finally:
        client.disconnect()
        client.loop_stop()


def test_free_ports_differ(free_ports: Any) -> None:
    assert len(set(free_ports(8))) == 8


def test_the_browser_draws(chromium_launch: dict[str, Any], tmp_path: Path) -> None:
    page_file = tmp_path / "page.html"
    page_file.write_text("<title>Một cửa</title>")
    with sync_playwright() as playwright, playwright.chromium.launch(**chromium_launch) as browser:
        page = browser.new_page()
        page.goto(page_file.as_uri())
        assert page.title() == "Một cửa"
