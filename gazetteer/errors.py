"""What can go wrong with the gazetteer, sorted by what the caller can do about it."""


class GazetteerError(Exception):
    """Base of this package's errors. `hint` says in one sentence what the user can do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class DatabaseUnavailable(GazetteerError, ConnectionError):
    """No database answers at the given address. Retrying later might help."""


class ClusterError(GazetteerError):
    """The private PostgreSQL server cannot be made or started; the hint names what to install or to mend."""


class SourceError(GazetteerError, ValueError):
    """A gazetteer source cannot be read. All bad rows are named together; the old gazetteer keeps serving."""


class OpinionError(GazetteerError):
    """Another geocoder that was asked for a second opinion gives none."""
