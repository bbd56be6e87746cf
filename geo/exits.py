"""What an error means to whoever called the program: an exit code, a sentence, a hint. The codes are a contract, see
`geo.errors`; the store notes the same code that the shell gets."""

from __future__ import annotations

import errno
import sys

from geo.errors import IncidentMapError


class Terminated(BaseException):
    """SIGTERM came in: unwind like Ctrl-C does."""


def verdict(error: BaseException) -> tuple[int, str, str]:
    """(exit code, message, hint) of anything that can end the program."""
    if isinstance(error, IncidentMapError):
        return error.exit_code, str(error), error.hint
    if isinstance(error, KeyboardInterrupt):
        return 130, "interrupted", "nothing half-done is left; start again when you like"
    if isinstance(error, Terminated):
        return 143, "terminated", "nothing half-done is left; start again when you like"
    if isinstance(error, MemoryError):
        return 70, "out of memory", "give it more memory, or fewer articles at a time"
    for name, table in (("gazetteer.errors", _GAZETTEER), ("maps.errors", _MAPS)):
        module = sys.modules.get(name)
        for kind, code in table.items():
            if module is not None and isinstance(error, getattr(module, kind)):
                return _operating_system(error) or code, str(error), str(getattr(error, "hint", ""))
    if (database := _database(error)) is not None:
        return database
    if isinstance(error, OSError):
        hint = "see the folder named in the message: is it there, writable, and is there room on the disk?"
        return _operating_system(error) or 74, f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), hint
    return 70, f"{type(error).__name__}: {error}", "this is a bug; run again with -vv and report what it says"


_DISK_FULL = ("53100", "58030")
"""PostgreSQL's codes for a full disk and for an error of input or output."""

_GAZETTEER = {
    "DatabaseUnavailable": 69,
    "ClusterError": 69,
    "SourceError": 65,
    "OpinionError": 69,
    "GazetteerError": 70,
}
_MAPS = {"PublishBusy": 75, "PublishRefused": 65, "PublishFailed": 74, "MapsError": 70}


def _operating_system(error: BaseException) -> int | None:
    """The code that the operating system's verdict gives, be it the error itself or its cause."""
    cause = error.__cause__
    if getattr(getattr(cause, "orig", cause), "sqlstate", None) in _DISK_FULL:
        return 74
    number = getattr(error, "errno", None) or getattr(cause, "errno", None)
    if number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return 73
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
        return 74
    return None


def _database(error: BaseException) -> tuple[int, str, str] | None:
    """Errors of the database driver, if it is loaded at all."""
    exc, psycopg = sys.modules.get("sqlalchemy.exc"), sys.modules.get("psycopg")
    if exc is None or psycopg is None:
        return None
    original = getattr(error, "orig", error)
    if not isinstance(error, exc.SQLAlchemyError | psycopg.Error):
        return None
    # only the first line: the others can quote the values of a row
    message = str(original).strip().split("\n", 1)[0] or type(original).__name__
    if getattr(original, "sqlstate", None) in _DISK_FULL:
        return 74, f"the database cannot write: {message}", "make room on the database's disk"
    if isinstance(original, psycopg.OperationalError | psycopg.InterfaceError):
        hint = "is the server running, and is the address right? The next run goes on where this one stopped"
        return 69, f"the database does not answer: {message}", hint
    return 70, f"the database refused: {message}", "this is a bug; run again with -vv and report what it says"
