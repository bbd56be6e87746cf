"""The private PostgreSQL + PostGIS server for those who bring none.

One folder holds it: data, log, locks. It listens on a Unix socket only, in a folder that no other account can enter, so
it needs no password and no port. It is started when the first user comes and stopped when the last one leaves.

**Accounts.** PostgreSQL refuses to run as root. For root it runs as the account `postgres` (or, without that one, as
`nobody`), for an ordinary user as that user. Where this account cannot reach `home`, because a folder above it is
closed (a 0700 home of root), everything lies in `/var/lib/incident-map/<hash of home>` instead.

**Several processes at once.** `start.lock` (flock, exclusive) lets one process at a time look, start or stop. Every
user holds `users.lock` shared for as long as it lasts; whoever leaves and then gets it exclusively was the last, and
stops the server. Both locks die with their process. A killed user leaves the server running, and the next one simply
uses it.

**After kill -9.** A killed postmaster can look alive for seconds; only a connection proves life. While its process
exists but refuses, we wait for either outcome, then start again. A data folder is made under another name and renamed
when it is complete, so that a half-made one is never taken for a database; so is the database in it.

Measured (2 shared cores): cold start with database and extensions 1.3 s, warm start 0.15 s, joining a running server
0.02 s, stop 0.11 s, start after kill -9 of everything 1.5-3.5 s.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import URL

from gazetteer.errors import ClusterError

DATABASE: Final = "incident_map"
_SUPERUSER: Final = "postgres"
_PORT: Final = 5432
_EXTENSIONS: Final = ("postgis", "pg_trgm")
_PATIENCE_S: Final = 60
_SOCKET_PATH_BYTES: Final = 107
"""Longest path of a Unix socket, in server and client."""
_LOG_BYTES: Final = 4_000_000
_OPEN_TO_NOBODY: Final = 0o700

_BINARY_FOLDERS: Final = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG on Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
_DISTRIBUTION_MAJORS: Final = {
    ("debian", "11"): 13, ("debian", "12"): 15, ("debian", "13"): 17,
    ("ubuntu", "22.04"): 14, ("ubuntu", "24.04"): 16, ("ubuntu", "26.04"): 18,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Status:
    """State of a private cluster."""

    running: bool
    folder: Path
    """Where data, log and (if its path is short enough) socket lie."""
    url: str
    major: int | None
    """Major version of the data folder, null when there is none yet."""


@contextmanager
def running(home: Path) -> Iterator[str]:
    """Keep a private server under `home` running while inside; yields the SQLAlchemy URL of database `incident_map`.

    Made on demand, with PostGIS and pg_trgm. The last of all users, in whichever process, stops it. Raises
    `ClusterError` with a hint when the server's programs are missing, or it cannot be made or started.
    """
    cluster = _Cluster.at(home)
    cluster.make_folder()
    users = _open_lock(cluster.users_lock)
    try:
        with cluster.start_lock():
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster.ensure_running()
        yield cluster.url
    finally:
        with cluster.start_lock():
            fcntl.flock(users, fcntl.LOCK_UN)
            if _locked_alone(users):
                cluster.stop()
        os.close(users)


def stop(home: Path) -> bool:
    """Stop the server, whoever uses it; False when none was running."""
    cluster = _Cluster.at(home)
    if not cluster.major():
        return False
    with cluster.start_lock():
        return cluster.stop()


def folders(home: Path) -> tuple[Path, ...]:
    """The folders that the server of `home` writes: its own, and the socket's where that is elsewhere."""
    cluster = _Cluster.at(home)
    inside = cluster.socket_folder.is_relative_to(cluster.folder)
    return (cluster.folder,) if inside else (cluster.folder, cluster.socket_folder)


def remove(home: Path) -> Path | None:
    """Stop the server and delete it with all that it holds; returns the folder that is gone, None when there was none.

    Raises `ClusterError` while somebody uses it.
    """
    cluster = _Cluster.at(home)
    if not cluster.folder.exists():
        return None
    users = _open_lock(cluster.users_lock)
    try:
        with cluster.start_lock():
            if not _locked_alone(users):
                message = f"The private database in {cluster.folder} is in use."
                raise ClusterError(message, "Wait until the other command is done.")
            cluster.stop()
            for folder in (cluster.socket_folder, cluster.folder):
                shutil.rmtree(folder, ignore_errors=folder != cluster.folder)
    finally:
        os.close(users)
    return cluster.folder


def status(home: Path) -> Status:
    """State of the server, without starting it."""
    cluster = _Cluster.at(home)
    major = cluster.major()
    return Status(bool(major) and cluster.answers(), cluster.folder, cluster.url, major)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _locked_alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Account:
    """Who owns the server."""

    uid: int
    gid: int
    drop: bool
    """True when this process is root and its children must become the account."""

    @classmethod
    def ours(cls) -> _Account:
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), drop=False)
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, drop=True)
        message = "PostgreSQL refuses to run as root, and there is no account 'postgres' or 'nobody' to run it as."
        raise ClusterError(message, "Run the program as an ordinary user, or give --database postgresql://...")

    def run(
        self, home: Path, *argv: str | Path, timeout_s: float = 2 * _PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with none of the caller's PostgreSQL settings."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment |= {"HOME": str(home), "LC_ALL": "C.UTF-8"}
        try:
            return subprocess.run(
                [str(word) for word in argv],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=timeout_s,
                user=self.uid if self.drop else None,
                group=self.gid if self.drop else None,
                extra_groups=[] if self.drop else None,
            )
        except PermissionError as error:
            message = f"{Path(argv[0]).name} cannot be run as another account: {error.strerror}."
            raise ClusterError(message, "Run the program as an ordinary user.") from error
        except subprocess.TimeoutExpired as error:
            message = f"{Path(argv[0]).name} did not end within {timeout_s} s."
            raise ClusterError(message, f"Look into the log below {home}.") from error

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can reach the folder; asked of the system, which knows all rules."""
        return self.run(Path("/"), "/bin/sh", "-c", 'test -x "$1"', "sh", folder).returncode == 0


@dataclass(frozen=True, slots=True)
class _Cluster:
    folder: Path
    account: _Account
    socket_folder: Path

    @classmethod
    def at(cls, home: Path) -> _Cluster:
        home = home.resolve()
        account = _Account.ours()
        fingerprint = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder, elsewhere = home / "postgres", Path("/var/lib/incident-map") / fingerprint
        if account.drop and not (folder / "data").exists():  # what has been made stays where it is
            above = _nearest_existing(home)
            closed = above.is_dir() and not account.can_enter(above)
            if closed or (elsewhere / "data").exists():
                folder = elsewhere
        return cls(folder, account, _socket_folder(folder, account, fingerprint))

    # --- names -------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def users_lock(self) -> Path:
        return self.folder / "users.lock"

    @property
    def url(self) -> str:
        # Everything that a PG* variable of the caller could set is said here.
        query = {
            "host": str(self.socket_folder),
            "port": str(_PORT),
            "sslmode": "disable",
            "gssencmode": "disable",
            "channel_binding": "disable",
            "target_session_attrs": "any",
            "options": "-c jit=off",
        }
        url = URL.create("postgresql+psycopg", username=_SUPERUSER, database=DATABASE, query=query)
        return url.render_as_string(hide_password=False)

    # --- folder and locks --------------------------------------------------------------------------------------------

    def make_folder(self) -> None:
        """Make the cluster's folder, owned by the account and closed to all others."""
        try:
            for parent in reversed(self.folder.parents):
                if not parent.exists():
                    parent.mkdir(exist_ok=True)
                    if self.account.drop:
                        parent.chmod(0o755)  # whatever the umask: the account must get through
            _make_private(self.folder, self.account)
        except OSError as error:
            message = f"The folder {self.folder} for the private database cannot be made: {error.strerror}."
            raise ClusterError(message, "Choose another data folder, or give --database postgresql://...") from error
        if self.account.drop and not self.account.can_enter(self.folder):
            message = f"The account that runs the private database cannot reach {self.folder}."
            raise ClusterError(message, "Choose another data folder, or give --database postgresql://...")

    @contextmanager
    def start_lock(self) -> Iterator[None]:
        """Held by the one process that looks, starts or stops."""
        try:
            descriptor = _open_lock(self.folder / "start.lock")
        except OSError as error:
            message = f"The private database in {self.folder} cannot be locked: {error.strerror}."
            raise ClusterError(message, "It belongs to another account: use a data folder of your own.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    # --- life --------------------------------------------------------------------------------------------------------

    def major(self) -> int | None:
        """Major version of the data folder; None when there is none."""
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_folder),
            port=_PORT,
            user=_SUPERUSER,
            dbname=database,
            connect_timeout=5,
            sslmode="disable",
            gssencmode="disable",
            channel_binding="disable",
            target_session_attrs="any",
            options="-c client_min_messages=warning",
            autocommit=True,
        )

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError as error:
            return "too many" in str(error) or "remaining connection slots" in str(error)  # alive, only busy
        return True

    def ensure_running(self) -> None:
        """Make what is missing, start what is down. The caller holds the start lock."""
        if not self.answers():
            binaries = _Binaries.find(self.major())
            if self.major() is None:
                self._initialise(binaries)
            if not self._comes_up(binaries):
                self._start(binaries)
        self._ensure_database()

    def _initialise(self, binaries: _Binaries) -> None:
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)  # without PG_VERSION: not a database
        arguments = (
            "-U",
            _SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        )
        done = self.account.run(self.folder, binaries.initdb, "-D", draft, *arguments)
        if done.returncode:
            self._no_room(done.stderr)
            message = f"The private database cannot be made in {self.folder}: {_gist(done.stderr or done.stdout)}"
            raise ClusterError(message, "Check room and rights of the data folder, or give --database postgresql://...")
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\ninclude 'incident-map.conf'\n")
        (draft / "incident-map.conf").write_text("", encoding="utf-8")
        draft.rename(self.data)

    def _configure(self) -> None:
        """Written before every start: the socket's place may have changed with the machine."""
        settings = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": '"' + str(self.socket_folder).replace('"', '""') + '"',
            "unix_socket_permissions": "0700",
            "logging_collector": "off",
            "jit": "off",
            # Parallel queries need shared memory, of which containers have little; nothing here gains from them.
            "max_parallel_workers_per_gather": "0",
            # No replication, so a bulk load into new tables writes no log of its own: less disk, equally safe.
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "512MB",
        }
        if sys.platform == "linux" and (self.major() or 0) >= 14:
            settings["recovery_init_sync_method"] = "syncfs"  # a restart after a crash takes 0.1-0.6 s instead of 2-3
        lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items())
        # Root may write it and the account must read it; the folder is closed to others. No link is followed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.data / "incident-map.conf", flags, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, 0o644)
            file.write("".join(lines))

    def _comes_up(self, binaries: _Binaries) -> bool:
        """Wait while a server's process exists but does not answer; False when there is none (any more)."""
        end = time.monotonic() + _PATIENCE_S
        while self._process_exists(binaries):
            if self.answers():
                return True
            if time.monotonic() > end:
                message = f"The private database in {self.folder} exists but does not answer."
                raise ClusterError(message, f"See the end of {self.log}; stop its process, then try again.")
            time.sleep(0.05)
        return False

    def _process_exists(self, binaries: _Binaries) -> bool:
        return self.account.run(self.folder, binaries.pg_ctl, "-D", self.data, "status").returncode == 0

    def _start(self, binaries: _Binaries) -> None:
        self._configure()
        _make_private(self.socket_folder, self.account)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.unlink()
        already = self.log.stat().st_size if self.log.exists() else 0
        # The log file is a must: a server that inherits our pipe would keep us waiting for its end.
        start = (binaries.pg_ctl, "-D", self.data, "-w", "-t", str(_PATIENCE_S), "-l", self.log, "start")
        done = self.account.run(self.folder, *start)
        if done.returncode and not self.answers():
            self._no_room(logged := _complaints(self.log, already))
            said = _gist(logged or done.stderr or done.stdout)
            message = f"The private database in {self.folder} does not start: {said}"
            raise ClusterError(message, f"The whole story is in {self.log}. Or give --database postgresql://...")

    def _ensure_database(self) -> None:
        try:
            self.connect(DATABASE).close()
            return
        except psycopg.OperationalError as error:
            if "does not exist" not in str(error):
                message = f"The private database does not answer: {_gist(str(error))}"
                raise ClusterError(message, f"See the end of {self.log}.") from error
        # Under another name first: a database of this name is complete.
        draft = f"{DATABASE}_new"
        try:
            with self.connect("postgres") as conn:
                conn.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
                conn.execute(f"CREATE DATABASE {draft} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
                with self.connect(draft) as inside:
                    for extension in _EXTENSIONS:
                        inside.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
                conn.execute(f"ALTER DATABASE {draft} RENAME TO {DATABASE}")
        except psycopg.Error as error:
            self._no_room(str(error))
            message = f"The database {DATABASE} cannot be made: {_gist(str(error))}"
            raise ClusterError(message, _install_hint(self.major())) from error

    def _no_room(self, said: str) -> None:
        """Raise ClusterError, caused by an OSError as the system's own would be, if `said` complains of a full disk."""
        for number in (errno.ENOSPC, errno.EDQUOT):
            if os.strerror(number) in said:
                message = f"There is no room left on the disk of {self.folder} for the private database."
                hint = "Make room there (the default gazetteer takes about 1 GB), or choose another data folder."
                raise ClusterError(message, hint) from OSError(number, os.strerror(number), str(self.folder))

    def stop(self) -> bool:
        """Stop the server; False when none was running. The caller holds the start lock."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return False
        binaries = _Binaries.find(self.major())
        done = self.account.run(self.folder, binaries.pg_ctl, "-D", self.data, "-w", "-m", "fast", "stop")
        if done.returncode and self._process_exists(binaries) and self.answers():
            message = f"The private database (process {pid}) does not stop: {_gist(done.stderr)}"
            raise ClusterError(message, f"See the end of {self.log}.")
        return done.returncode == 0


@dataclass(frozen=True, slots=True)
class _Binaries:
    """The programs of one PostgreSQL installation that has PostGIS."""

    folder: Path
    major: int

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def pg_ctl(self) -> Path:
        return self.folder / "pg_ctl"

    @classmethod
    def find(cls, wanted: int | None) -> _Binaries:
        """The newest installation with PostGIS; of major version `wanted`, if a data folder asks for one."""
        servers = [(major, folder) for folder in _binary_folders() if (major := _major_of(folder))]
        servers.sort(reverse=True)
        fitting = [(major, folder) for major, folder in servers if wanted in (None, major)]
        for major, folder in fitting:
            if _has_postgis(folder, major):
                return cls(folder, major)
        if fitting:
            message = f"PostgreSQL {fitting[0][0]} is installed, but its PostGIS extension is missing."
        elif wanted is not None:
            message = f"The private database was made by PostgreSQL {wanted}, which is not installed."
        else:
            message = "PostgreSQL with PostGIS is not installed."
        raise ClusterError(message, _install_hint(fitting[0][0] if fitting else wanted))


def _binary_folders() -> list[Path]:
    folders = [folder for pattern in _BINARY_FOLDERS for folder in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("pg_ctl")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return [folder for folder in folders if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres"))]


def _major_of(folder: Path) -> int | None:
    named = re.search(r"postgresql[/@](\d+)/|pgsql-(\d+)/", f"{folder}/")
    if named:
        return int(named[1] or named[2])
    said = subprocess.run([folder / "pg_ctl", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)", said)
    return int(version[1]) if version else None


def _has_postgis(folder: Path, major: int) -> bool:
    shares = [Path(f"/usr/share/postgresql/{major}"), folder.parent / "share"]
    if (folder / "pg_config").exists():
        said = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False).stdout
        shares.append(Path(said.strip()))
    return any((share / "extension" / "postgis.control").is_file() for share in shares)


def _install_hint(major: int | None) -> str:
    """Which package to install, in the words of the distribution at hand."""
    system: dict[str, str] = {}
    for path in (Path("/etc/os-release"), Path("/usr/lib/os-release")):
        if path.is_file():
            pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
            system = {name: value.strip('"') for name, _, value in pairs}
            break
    number = major or _DISTRIBUTION_MAJORS.get((system.get("ID", ""), system.get("VERSION_ID", ""))) or "N"
    install = f"Install it (Debian, Ubuntu: apt-get install postgresql-{number}-postgis-3)"
    return f"{install}, or give --database postgresql://..."


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _socket_folder(folder: Path, account: _Account, fingerprint: str) -> Path:
    """Inside the cluster's folder if the path is short enough, else a short one named by the home."""
    inside = folder / "socket"
    if len(os.fsencode(inside / f".s.PGSQL.{_PORT}")) <= _SOCKET_PATH_BYTES and "," not in str(inside):
        return inside
    name = f"incident-map-{account.uid}-{fingerprint}"
    if account.drop:
        return Path("/run") / name
    # Not XDG_RUNTIME_DIR, not TMPDIR: a shell and a timer, whose environments differ, must meet at one place.
    return Path("/tmp") / name  # noqa: S108 -- ours alone: `_make_private` looks who owns it


def _make_private(folder: Path, account: _Account) -> None:
    """Make a folder of the account's own with mode 0700, or make sure that it is one."""
    try:
        folder.mkdir(mode=_OPEN_TO_NOBODY)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
            message = f"{folder} belongs to another account."
            raise ClusterError(message, "Use a data folder of your own.") from None
    if account.drop:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(_OPEN_TO_NOBODY)


def _complaints(log: Path, already: int) -> str:
    """What the server's log complains of behind its first `already` bytes."""
    try:
        with log.open("rb") as file:
            file.seek(already)
            lines = file.read(_LOG_BYTES).decode("utf-8", "replace").splitlines()[-40:]
    except OSError:
        return ""
    return "\n".join(line for line in lines if "FATAL" in line or "PANIC" in line or "could not" in line)


def _gist(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " ".join(lines[-3:])[:500] or "no reason was given."
