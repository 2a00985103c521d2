"""`motcua people`: who looks after the data of persons lists it, and erases it when asked to."""

import sys

from queue_server import options as opt
from queue_server.access import check_folder
from queue_server.people.store import People


def list_people(options: opt.PeopleOptions) -> int:
    """One line for each text: its id, the day it was first written, and what it says."""
    check_folder(options.data, chosen=False)
    people = People(options.data)
    for row in people.rows():
        shown = row.text if row.text is not None else "– erased or unreadable –"
        sys.stdout.write(f"{row.id:<12} {row.written_at[:10]}  {shown}\n")
    people.close()
    return 0


def erase(options: opt.EraseOptions) -> int:
    """Erases texts for good; exit code 1 when one of them was not there."""
    check_folder(options.data, chosen=False)
    people = People(options.data)
    missing = [known for known in options.ids if not people.erase(known)]
    people.close()
    for known in missing:
        sys.stderr.write(f"motcua: {known} is not there, or was erased before. `motcua people list` shows all.\n")
    sys.stdout.write(f"{len(options.ids) - len(missing)} erased; backups of before still hold them\n")
    return 1 if missing else 0
