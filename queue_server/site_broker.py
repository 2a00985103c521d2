"""`motcua broker`: users and rights for the site's own broker, without a start of the office without it."""

import json
import sys
from urllib.parse import quote

from queue_server.contract.broker import TLS_PORT
from queue_server.keys import give_to_owner
from queue_server.messaging.acl import Kind, User, acl_text, users_of
from queue_server.messaging.foreign_buttons import ForeignButtons
from queue_server.messaging.passwords import keep_passwords, password_lines, write_private
from queue_server.options import BrokerAddressOptions, BrokerFilesOptions, ConfigError
from queue_server.site.loader import load_site
from queue_server.site.model import Site

FOLDER = "broker"  # in the data folder, beside the private broker's own
COPY = """\
{many} users. As root, on the broker's machine:
  install -o mosquitto -g mosquitto -m 600 {folder}/passwords /etc/mosquitto/motcua.passwords
  install -o mosquitto -g mosquitto -m 600 {folder}/acl /etc/mosquitto/motcua.acl
  systemctl reload mosquitto
"""


def write_files(options: BrokerFilesOptions) -> int:
    """Writes `broker/{passwords,acl,passwords.json}` in the data folder; they belong to the folder's owner."""
    site = load_site(options.site)
    folder = options.data / FOLDER
    try:
        users = broker_users(site)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        passwords = keep_passwords(folder / "passwords.json", [user.name for user in users])
    except ValueError as error:
        raise ConfigError(str(error)) from error
    write_private(folder / "passwords", password_lines(passwords))
    write_private(folder / "acl", acl_text(site.id, users))
    for path in (folder, *folder.iterdir()):
        give_to_owner(path)
    sys.stdout.write(COPY.format(many=len(users), folder=folder.absolute()))
    return 0


def print_address(options: BrokerAddressOptions) -> int:
    """One line, for an environment file."""
    path = options.data / FOLDER / "passwords.json"
    if not path.is_file():
        raise ConfigError(f"{path} is not there: run `motcua broker files` first. Is --data right?")
    passwords: dict[str, str] = json.loads(path.read_text("utf-8"))
    if options.user not in passwords:
        raise ConfigError(f"no user {options.user} at the broker; there are {', '.join(sorted(passwords))}")
    user, password = quote(options.user), quote(passwords[options.user])
    sys.stdout.write(f"mqtts://{user}:{password}@{options.host}:{TLS_PORT}\n")
    return 0


def broker_users(site: Site) -> tuple[User, ...]:
    """The users that an office needs at its broker. Raises `ValueError` when two would share a name."""
    boards = {board.id: board.zone for board in site.boards.values()}
    return users_of(
        counters=site.office.counters, kiosks=site.kiosks, boards=boards, devices=site.printers,
        others=_makers(site), hears=ForeignButtons(site.buttons).topics,
    )  # fmt: skip


def _makers(site: Site) -> tuple[User, ...]:
    """Each Tasmota button has a user of its own; all Zigbee buttons speak through one."""
    tasmota = dict.fromkeys(button.name for button in site.buttons if not button.zigbee)
    zigbee = (User(name="zigbee", kind=Kind.ZIGBEE),) if any(button.zigbee for button in site.buttons) else ()
    return (*(User(name=name, kind=Kind.TASMOTA) for name in tasmota), *zigbee)
