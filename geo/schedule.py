"""What a timer needs, ready to install: a systemd service with its timer, or a crontab line.

Only text is made here; nothing is installed. No secret is printed: a database address goes into an environment file
that only its owner can read.
"""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from geo.settings import Settings

SERVICE = "/etc/systemd/system/incident-map.service"
TIMER = "/etc/systemd/system/incident-map.timer"
ENVIRONMENT_FILE = "/etc/incident-map.env"

_SYSTEM = ("/tmp", "/run")  # noqa: S108
"""Folders that are there in any case."""

_NO_ARTICLES = (
    "No articles are named yet: set `articles` in incident-map.toml, or add folders at the end of the command."
)


def run_command(settings: Settings) -> tuple[str, ...]:
    """The call that does a whole run with these settings from any folder: the program, then its options, all paths
    absolute. The database address is not in it."""
    program = Path(sys.executable).parent / "incident-map"
    found = str(program) if os.access(program, os.X_OK) else shutil.which("incident-map")
    call = [found] if found else [str(Path(sys.executable).absolute()), "-P", "-m", "geo"]
    if settings.file is not None:
        call += ["--config", _absolute(settings.file)]
    call += ["--home", _absolute(settings.home), "--site", _absolute(settings.site), "--quiet", "run"]
    return (*call, *(["--"] if settings.articles else []), *(_absolute(path) for path in settings.articles))


def systemd(settings: Settings, command: Sequence[str] | None = None, *, user: str | None = None) -> str:
    """A service and its timer, in one text; a comment before each names its file, as `systemctl cat` does.

    `command` defaults to `run_command`, `user` to the account that asks. Both parts pass `systemd-analyze verify`.
    """
    return service(settings, command, user=user) + "\n" + timer()


def service(settings: Settings, command: Sequence[str] | None = None, *, user: str | None = None) -> str:
    """The service: one run, in a cage that may write the data folder, the folder of the site and /tmp only."""
    home, parent = _absolute(settings.home), str(Path(_absolute(settings.site)).parent)
    made = list(dict.fromkeys((home, parent, *_server_folders(settings))))
    writable = " ".join(_word(path) for path in dict.fromkeys((*made, "/tmp")))  # noqa: S108
    account = user or _account()
    lines = [
        f"# {SERVICE}",
        "# The folders of ReadWritePaths must exist before the first start:",
        _one_line(
            f"#   install -d -o {shlex.quote(account)} {shlex.join(folder for folder in made if folder not in _SYSTEM)}"
        ),
        "[Unit]",
        "Description=Read news articles and publish the incident map",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=oneshot",
        f"User={_specifiers(_one_line(account))}",
        "ExecStart=" + _command_line(command or run_command(settings)),
        "# 3: published, but some inputs were set aside. 75: another run was at it.",
        "SuccessExitStatus=3 75",
        "TimeoutStartSec=1h",
        "MemoryMax=4G",
        "Nice=10",
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        f"ReadWritePaths={writable}",
        "PrivateDevices=true",
        "ProtectKernelTunables=true",
        "ProtectKernelModules=true",
        "ProtectControlGroups=true",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "LockPersonality=true",
        "UMask=0022",
    ]
    if command is None and not settings.articles:
        lines.insert(3, f"# {_NO_ARTICLES}")
    if settings.database is not None:
        lines += [
            f"# {ENVIRONMENT_FILE}, mode 0600, holds the address of the database: INCIDENT_MAP_DATABASE=postgresql://...",
            f"EnvironmentFile={ENVIRONMENT_FILE}",
        ]
    return "\n".join(lines) + "\n"


def _server_folders(settings: Settings) -> list[str]:
    """What must be writable for the private server where it does not lie in the data folder: for root with a closed
    home it does not, and its socket does not where the path is too long for one."""
    if settings.database is not None:
        return []
    from gazetteer import cluster

    home = Path(_absolute(settings.home))
    return [str(folder.parent) for folder in cluster.folders(home) if not folder.is_relative_to(home.resolve())]


def timer() -> str:
    """The timer: every quarter of an hour, not on the dot, and once after the machine was off."""
    return "\n".join(
        [
            f"# {TIMER}",
            "# Start it with: systemctl daemon-reload && systemctl enable --now incident-map.timer",
            "[Unit]",
            "Description=Publish the incident map every quarter of an hour",
            "",
            "[Timer]",
            "OnCalendar=*:0/15",
            "Persistent=true",
            "RandomizedDelaySec=60",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def cron(settings: Settings, command: Sequence[str] | None = None) -> str:
    """Lines for a crontab: every quarter of an hour, one run at a time; who finds the lock held leaves at once."""
    home = _absolute(settings.home)
    call = shlex.join(command or run_command(settings))
    lock = shlex.quote(str(Path(home) / "timer.lock"))
    line = f"mkdir -p {shlex.quote(home)} && flock -n -E 75 {lock} {call}"
    lines = [
        "# incident-map: a run every quarter of an hour; cron mails what it says, and it only says what went wrong"
    ]
    if command is None and not settings.articles:
        lines.append(f"# {_NO_ARTICLES}")
    if settings.database is not None:
        lines.append("# ~/.incident-map.env, mode 0600, holds: export INCIDENT_MAP_DATABASE=postgresql://...")
        line = f'. "$HOME/.incident-map.env" && {line}'
    # in a crontab a bare % ends the command, wherever it stands; and there is no way to write a line end
    return "\n".join([*lines, f"*/15 * * * * {line}".replace("%", r"\%").replace("\n", " ")]) + "\n"


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return str(os.getuid())


def _absolute(path: Path) -> str:
    """From the working folder; links are kept, for the site is one."""
    return str(path.absolute())


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """One word of a list by systemd's rules: quoted, C escapes, specifiers doubled."""
    plain = text.isascii() and all(letter.isalnum() or letter in "/._-+:,@=" for letter in text)
    if plain and text:
        return text
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    )
    return f'"{_specifiers(escaped)}"'


def _argument(text: str) -> str:
    """One word of a command line: as `_word`, and no variable is put in for a dollar sign."""
    return _word(text).replace("$", "$$")


def _command_line(words: Sequence[str]) -> str:
    program, *arguments = words
    if not program.isprintable() or set(program) & set("\"'\\"):
        # systemd takes no such name for a program, but env does
        return " ".join(["/usr/bin/env", *map(_argument, words)])
    return " ".join([_word(program), *map(_argument, arguments)])


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())
