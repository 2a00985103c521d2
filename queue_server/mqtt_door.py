"""The MQTT door: the broker we start or are given, commands and keypads in, state and calls out."""

import asyncio
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from queue_server.contract.broker import BrokerAddress, broker_address
from queue_server.contract.messages import CommandAnswer
from queue_server.contract.problems import Problem, Refused
from queue_server.device_reports import DeviceReports
from queue_server.generation import count_of, read_generation
from queue_server.journal.entry import Entry
from queue_server.kit.mqtt import MqttClient, Received, Will
from queue_server.logs import Log
from queue_server.messaging import outbound
from queue_server.messaging.acl import SERVER
from queue_server.messaging.broker import Broker
from queue_server.messaging.epoch import next_epoch
from queue_server.messaging.foreign_buttons import ForeignButtons
from queue_server.messaging.inbound import (
    CommandRequest,
    DeviceAvailability,
    KeypadRequest,
    Rejected,
    parse,
    sender,
    subscriptions,
    terminal_name,
)
from queue_server.messaging.keypad import KEYPAD_OFFICER, Bounces, Presses, keypad_command
from queue_server.messaging.relay import WHOLE, Relay
from queue_server.office import Office, Outcome, Request
from queue_server.options import ConfigError
from queue_server.people.commands import without_persons
from queue_server.queue import commands as cmd
from queue_server.queue import events as ev
from queue_server.site_broker import broker_users
from queue_server.source import OfficeSource
from queue_server.views.rows import doing

log = Log(__name__)

PACE = 0.25  # seconds: under load, state goes out at most this often
REFRESH = 20.0  # waits move while nothing happens
TOLD = (ev.TicketCalled, ev.TicketRecalled)
ALERTS: dict[type[ev.Event], str] = {ev.HelpRequested: "help-called", ev.PrintFailed: "print-failed"}


class MqttDoor:
    """Owns broker and client. `committed` is called on the event loop after each batch."""

    def __init__(
        self,
        office: Office,
        source: OfficeSource,
        *,
        data: Path,
        port: int,
        url: str | None,
        reports: DeviceReports,
    ) -> None:
        self.office = office
        self.source = source
        self.reports = reports
        self._data = data
        self.rejected = 0
        site = source.site
        try:
            users = broker_users(site)
            self._external = broker_address(url) if url else None
        except ValueError as error:
            raise ConfigError(str(error)) from error
        self.broker = None if url else Broker(data, port, users, site=site.id)
        self.client: MqttClient | None = None
        self._relay = Relay(self._publish)
        self.bounced = 0
        self._presses = Presses()
        self._bounces = Bounces()
        self._foreign = ForeignButtons(site.buttons)
        self._due: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sent = -1  # version of the state that was sent last
        self._quiet = False  # waiting only for waits to move
        self._epoch = 0
        self._serial = 0
        self._running: set[asyncio.Task[None]] = set()

    @property
    def complaint(self) -> str:
        """Why there is no connection to the broker."""
        return (self.client.complaint if self.client else "") or "no connection to the MQTT broker"

    @property
    def connected(self) -> bool:
        return self.client is not None and self.client.connected

    def endpoint(self, user: str | None = None) -> BrokerAddress:
        """The way to the broker as `user`; on the site's own broker as the one the address names."""
        if self.broker is None:
            assert self._external is not None
            return self._external
        return self.broker.endpoint(user) if user else self.broker.endpoint()

    def start_broker(self) -> None:
        """Blocks until the broker accepts; raises `BrokerError`."""
        if self.broker is not None:
            self.broker.start()

    def connect(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        newest = self.office.journal.newest_at()
        self._epoch = next_epoch(
            self._data,
            now=self.office.now().timestamp(),
            newest=newest.timestamp() if newest else 0.0,
            generation=count_of(read_generation(self._data)),
        )
        gone = outbound.presence(SERVER, self.source.site.id, online=False)
        self.client = MqttClient(
            self.endpoint(),
            loop=loop,
            subscriptions=(*subscriptions(self.source.site.id), *self._foreign.topics),
            on_message=self._received,
            on_connected=self._connected,
            will=Will(topic=gone.topic, payload=gone.payload),
        )
        self._relay.calls(self.source.board(WHOLE).calls, self._stamp())
        self.client.start()

    def stop(self) -> None:
        """Blocks for up to two seconds."""
        if self._due is not None:
            self._due.cancel()
        if self.client is not None:
            self.client.stop()
        if self.broker is not None:
            self.broker.stop()

    def committed(self, entries: Sequence[Entry]) -> None:
        """Calls go out at once; state at once when quiet, at most every `PACE` seconds under load."""
        if self._loop is None:
            return
        for entry in entries:
            if entry.counter is not None and entry.actor != _device_at(entry.counter):
                self._bounces.worked(entry.counter)
        stamp = self._stamp()
        if any(isinstance(entry.event, TOLD) for entry in entries):
            self._relay.calls(self.source.board(WHOLE).calls, stamp)
        for entry in entries:
            self._alert(entry, stamp)
        if self._due is None or self._quiet:
            if self._due is not None:
                self._due.cancel()
            self._quiet = False
            self._due = self._loop.call_later(0, self._send_state, PACE)

    def _send_state(self, rest: float) -> None:
        assert self._loop is not None
        self._sent = self.office.state.version
        if self.office.state.config is not None:
            self._relay.state(self.source, self._stamp())
        self._due = self._loop.call_later(rest, self._rested)

    def _rested(self) -> None:
        """After the pause: once more if something happened meanwhile, else again when waits have moved."""
        assert self._loop is not None
        stale = self.office.state.version != self._sent
        self._due = self._loop.call_later(0 if stale else REFRESH, self._send_state, PACE)
        self._quiet = not stale

    def _alert(self, entry: Entry, stamp: outbound.Stamp) -> None:
        event = entry.event
        kind = ALERTS.get(type(event))
        if isinstance(event, ev.HelpRequested):
            self._relay.alert(kind or "", {"kiosk": event.kiosk, "help": event.help}, stamp)
        elif isinstance(event, ev.PrintFailed):
            number = self.office.state.tickets[event.ticket].number
            self._relay.alert(kind or "", {"number": number, "problem": event.problem}, stamp)
        elif isinstance(event, ev.DeviceReported) and event.problem:
            self._relay.alert("device-fault", {"device": event.device, "problem": event.problem}, stamp)

    def alert(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tells of something that does not stand in the journal; what `alert` does not know is logged."""
        try:
            self._relay.alert(kind, data, self._stamp())
        except ValueError as error:
            log.warning("alert-not-told", kind=kind, error=str(error)[:200])

    def _stamp(self) -> outbound.Stamp:
        self._serial += 1
        return outbound.Stamp(at=self.office.now(), epoch=self._epoch, seq=self._serial, site=self.source.site.id)

    def _publish(self, topic: str, payload: bytes, retained: bool) -> bool:
        return self.client is not None and self.client.publish(topic, payload, retained)

    def _connected(self) -> None:
        here = outbound.presence(SERVER, self.source.site.id, online=True)
        self._publish(here.topic, here.payload, True)
        if self.office.state.config is not None:
            self._relay.state(self.source, self._stamp())
            self._relay.republish()

    def _earlier(self) -> datetime:
        """The earlier of both clocks: devices go by true time, and only one of the two may have it."""
        clocks = self.office.clock.read()
        return min(clocks.office, clocks.wall)

    def _received(self, message: Received) -> None:
        if self._foreign.knows(message.topic):
            self._foreign_press(message)
            return
        now = self._earlier()
        asked = parse(message.topic, message.payload, site=self.source.site.id, now=now, retained=message.retained)
        if asked is None:
            return
        if isinstance(asked, DeviceAvailability):
            self._run(self._device(asked))
        elif self.reports.admits(sender(message.topic, site=self.source.site.id)):
            self._asked(asked)

    def _asked(self, asked: CommandRequest | KeypadRequest | Rejected) -> None:
        match asked:
            case CommandRequest():
                self._run(self._command(asked))
            case KeypadRequest():
                if self._presses.is_new(asked) and self._is_first(asked.counter, asked.button, asked.id):
                    self._run(self._press(asked))
            case Rejected():
                self._reject(asked)

    def _foreign_press(self, message: Received) -> None:
        """A Tasmota or Zigbee button; its press gets an id here, because it brings none."""
        assert self._loop is not None
        found = self._foreign.press(message.topic, message.payload, retained=message.retained, now=self._loop.time())
        if found is None or not self.reports.admits(found[0].name):
            return
        asked = KeypadRequest(counter=found[0].counter, id=str(uuid.uuid4()), button=found[1], boot="", seq=0)
        if self._is_first(asked.counter, asked.button, asked.id):
            self._run(self._press(asked))

    def _is_first(self, counter: str, button: str, press_id: str) -> bool:
        if self._first(counter, button, press_id) == press_id:
            return True
        log.info("keypad-bounced", counter=counter, button=button)
        return False

    def _first(self, counter: str, what: str, press_id: str) -> str:
        """The id of the press that this one belongs to; see `Bounces`."""
        assert self._loop is not None
        first = self._bounces.first(counter, what, press_id, self._loop.time())
        self.bounced += first != press_id
        return first

    def _reject(self, asked: Rejected) -> None:
        """Counts and logs it; a terminal that said which command it was gets an answer."""
        self.rejected += 1
        log.warning("mqtt-rejected", code=str(asked.code), detail=asked.detail[:120])
        if asked.counter and asked.id:
            answer = CommandAnswer(id=asked.id, ok=False, code=str(asked.code), detail=asked.detail)
            out = outbound.counter_answer(asked.counter, answer, self.source.site.id)
            self._publish(out.topic, out.payload, out.retained)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        task = self._loop.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _command(self, asked: CommandRequest) -> None:
        """A terminal's command: the same handler as HTTP, its answer on the answer topic."""
        try:
            self._check_in_time(asked)
            outcome = await self._submit(asked.counter, asked.command, self._meant(asked))
            number = self._number(outcome)
            answer = CommandAnswer(id=asked.id, ok=True, number=number)
        except Refused as refusal:
            answer = CommandAnswer(id=asked.id, ok=False, code=str(refusal.code), detail=refusal.detail)
        out = outbound.counter_answer(asked.counter, answer, self.source.site.id)
        self._publish(out.topic, out.payload, out.retained)

    def _meant(self, asked: CommandRequest) -> str:
        """The id to carry a terminal's command out under; *done – next* that bounced gets the first one's answer."""
        if isinstance(asked.command, cmd.CallNext) and asked.command.finish_current:
            return self._first(asked.counter, "call-next", asked.id)
        self._bounces.worked(asked.counter)
        return asked.id

    def _check_in_time(self, asked: CommandRequest) -> None:
        if asked.expires is not None and asked.expires < self._earlier():
            raise Refused(Problem.COMMAND_EXPIRED)

    async def _press(self, asked: KeypadRequest) -> None:
        """A keypad has no screen for an answer; a refused press is counted and logged."""
        try:
            counter = self.office.state.counter(asked.counter)
            command = keypad_command(asked.button, doing(self.office.state, counter), str(counter.status), counter.id)
            await self._submit(asked.counter, command, asked.id)
        except Refused as refusal:
            self.rejected += 1
            log.info("keypad-refused", counter=asked.counter, button=asked.button, code=str(refusal.code))

    async def _submit(self, counter: str, command: cmd.Command, command_id: str) -> Outcome:
        if isinstance(command, cmd.CallNumber | cmd.ResumeTicket | cmd.ServeByMouth):
            command = replace(command, ticket=self.source.find_ticket(command.ticket).id)
        own = (terminal_name(counter), KEYPAD_OFFICER)
        command = await without_persons(command, self.source.people, self.office.now(), own=own)
        return await self.office.submit(
            Request(command=command, command_id=f"mqtt-{command_id}", actor=_device_at(counter), device=counter)
        )

    def _number(self, outcome: Outcome) -> str | None:
        tickets = [getattr(event, "ticket", None) for event in outcome.events]
        last = next((ticket for ticket in reversed(tickets) if ticket), None)
        return self.office.state.tickets[last].number if last in self.office.state.tickets else None

    async def _device(self, seen: DeviceAvailability) -> None:
        problem = seen.problem if seen.online else "offline"
        try:
            await self.reports.report(seen.device, problem, actor=f"device:{seen.device}")
        except Refused as refusal:
            log.info("device-report-refused", device=seen.device, code=str(refusal.code))


def _device_at(counter: str) -> str:
    """The actor of everything that is pressed at a counter."""
    return f"device:{counter}"
