"""What can go wrong while files are built and published, sorted by what the caller can do about it."""


class MapsError(Exception):
    """Base of this package's errors. `hint` says in one sentence what the user can do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class PublishBusy(MapsError):
    """Another process is publishing to the same folder. Retrying later might help."""


class PublishRefused(MapsError):
    """The new generation looks wrong (see the message); the old one stays."""


class PublishFailed(MapsError, OSError):
    """The files could not be written (disk full, no permission); the old generation stays."""
