"""What an office takes of its machine: a port, a folder, the folder for itself alone. Each refusal names its cure."""

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import TextIO

from queue_server.kit.ports import port_cure
from queue_server.options import MachineError

LOCK = "lock"
PRIVATE = 0o700  # a data folder holds keys and names: for its owner alone
UNDER_SYSTEMD = "INVOCATION_ID"  # systemd sets it for each of its services


def bound(host: str, port: int, option: str = "--port or MOTCUA_PORT") -> socket.socket:
    """A listening socket; raises `MachineError` with the cure."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise MachineError(f"cannot serve on {host}:{port}: {port_cure(error, host, port, option)}") from error
    listener.listen(512)
    return listener


def claimed(data: Path) -> TextIO:
    """The data folder for this program alone, until it ends however it ends; raises `MachineError` when it is taken."""
    data.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    claim = (data / LOCK).open("a", encoding="utf-8")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        claim.close()
        raise MachineError(
            f"another program serves the data folder {data}. Stop it first, or choose another folder with --data."
        ) from error
    return claim


def make_data_folder(data: Path) -> None:
    """The data folder exists and takes files; raises `MachineError` with the cure."""
    try:
        data.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        probe = data / f".probe.{os.getpid()}"
        probe.write_bytes(b"motcua")
        probe.unlink()
    except OSError as error:
        raise MachineError(
            f"the data folder {data} cannot be written: {error.strerror}. {_folder_cure(error, data)} "
            "Nothing was changed."
        ) from error


def _folder_cure(error: OSError, data: Path) -> str:
    if error.errno in {errno.EROFS, errno.EACCES} and UNDER_SYSTEMD in os.environ:
        return (
            f"systemd lets the service write /var/lib/motcua only. For another folder: `sudo install -d -o motcua "
            f"-g motcua -m 700 {data}`, and under `sudo systemctl edit motcua-server` the lines [Service] and "
            f"ReadWritePaths={data}."
        )
    if error.errno == errno.EROFS:
        return "The disk takes no writes: `dmesg` says why. Choose another folder with --data meanwhile."
    return "Choose another with --data, free some disk, or mend its rights."
