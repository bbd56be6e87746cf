"""What can go wrong in the house, sorted by what the user can do; each class carries its exit code.

Exit codes are a contract (docs/command-line.md): 0 ok, 3 done but inputs were set aside, 64 usage, 65 data or sanity
stop, 66 input missing, 69 database or network unavailable, 70 internal, 73 cannot create, 74 input/output or disk full,
75 another run holds the lock, 78 configuration, 130/143 interrupted.
"""


class IncidentMapError(Exception):
    """Base. `hint` says in one sentence what the user can do."""

    exit_code = 70

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(IncidentMapError):
    """The call does not make sense; the message says the rule."""

    exit_code = 64


class BadArticle(IncidentMapError, ValueError):
    """One input cannot be read as an article. It is set aside with its reason, the others go on."""

    exit_code = 65


class InputMissing(IncidentMapError, FileNotFoundError):
    """A file or folder that was named is not there."""

    exit_code = 66


class CannotCreate(IncidentMapError):
    """A folder or file cannot be made where it was asked for."""

    exit_code = 73


class InputOutputError(IncidentMapError):
    """Reading or writing failed, for example because the disk is full."""

    exit_code = 74


class Busy(IncidentMapError):
    """Another run holds the lock. It is not an error to try again later."""

    exit_code = 75


class ConfigurationError(IncidentMapError):
    """A setting is wrong; the message names it and where it came from."""

    exit_code = 78
