"""Commands on their way to the record: what they say of persons goes to the people's file, and an id goes on."""

import asyncio
import sqlite3
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from queue_server.contract.problems import Problem, Refused
from queue_server.people.store import Kind, People
from queue_server.queue import commands as cmd


async def without_persons(
    command: cmd.Command, people: People, now: datetime, *, own: Collection[str] = ()
) -> cmd.Command:
    """The command with ids for names and free texts, which are on disk then. Raises `Refused` when the disk is full.

    `own`: names of our own making, of an access code or a keypad, which stay.
    """
    match command:
        case cmd.OpenCounter(officer=name) if name and name not in own:
            return replace(command, officer=await _id(people, Kind.OFFICER, name, now))
        case cmd.PauseCounter(reason=text) | cmd.Hold(reason=text) if text:
            return replace(command, reason=await _id(people, Kind.NOTE, text, now))
        case cmd.Transfer(note=text) if text:
            return replace(command, note=await _id(people, Kind.NOTE, text, now))
        case _:
            return command


async def _id(people: People, kind: Kind, text: str, now: datetime) -> str:
    try:
        return await asyncio.to_thread(people.id_of, kind, text, now)
    except sqlite3.Error as error:
        raise Refused(Problem.STORAGE_FAILED, str(error)) from error
