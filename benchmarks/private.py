"""What the benchmarks share: a database of their own.

Imported by a benchmark that is run as a script, it also puts the repository where Python looks first: beside
`benchmarks/gazetteer.py` nobody would find the package of that name.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
if sys.path[0] == str(ROOT / "benchmarks"):
    sys.path.append(sys.path[0])
    sys.path[0] = str(ROOT)

from sqlalchemy import Engine  # noqa: E402

from gazetteer import cluster, database, load  # noqa: E402
from gazetteer.sources import DEFAULT  # noqa: E402


@contextmanager
def empty_database(folder: Path | None = None) -> Iterator[Engine]:
    """A migrated database on a private server below `folder` (default: the folder for temporary files)."""
    with tempfile.TemporaryDirectory(prefix="incident-map-benchmark-", dir=folder) as temporary:
        home = Path(temporary)
        home.chmod(0o755)  # as root the server runs as another account, which must get in
        with cluster.running(home) as address:
            engine = database.engine(address)
            database.migrate(engine)
            yield engine
            engine.dispose()


@contextmanager
def default_gazetteer(url: str | None = None) -> Iterator[Engine]:
    """The database at `url`, or one of its own with the default gazetteer."""
    if url:
        yield database.engine(url)
        return
    with empty_database() as engine:
        load.load(engine, DEFAULT)
        yield engine
