"""Reading a large source in several processes.

Each process takes parts of the source from its end of a pipe, makes their rows (`gazetteer.rows`), and sends them
back; the rows come out in the order of the source, with the same bytes whatever the number of processes.

The processes are fresh interpreters that know nothing of their parent's connections or threads and never run its main
module again (which `multiprocessing` would, and a script without a guard would start over). They end when their pipe
does, so that none outlives a parent that was killed.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing.connection import Connection, Pipe, wait
from typing import IO, Any, Final, Self

from gazetteer import rows
from gazetteer.errors import GazetteerError, SourceError
from gazetteer.model import Place
from gazetteer.sources.base import BadRow, Parts, Source

_BATCH: Final = 5_000
"""Places that are made into rows at once, of a source without parts."""
_WORTH_PROCESSES: Final = 8
"""Parts from which the second that it takes to start processes is regained."""
_MOST_PROCESSES: Final = 8
"""Beyond, the database server is what takes longest."""
_AT_HAND: Final = 2
"""Parts that a process has at hand, so that it never waits for the next."""

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from gazetteer import workers; workers.work(sys.argv[1])"
)


def usable_cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch of rows and the numbers that it may have used."""

    encoded: rows.Encoded
    last: int
    """The next batch is numbered from here on, exclusive."""


def batches(source: Source, first: int, processes: int | None = None) -> Generator[Numbered]:
    """All rows of `source` in its order, its places numbered from `first` on; numbers may be left out between batches.

    A source with many parts is read in as many processes as there are cores, or in `processes`. Close the iterator
    when it is not exhausted: that ends the processes. Raises what the source raises, `GazetteerError` when a process
    dies.
    """
    if source.parts is None:
        yield from _read_here(source, first)
        return
    number = min(usable_cores(), _MOST_PROCESSES) if processes is None else processes
    if sys.platform == "win32":  # pipes cannot be handed on there
        number = 1
    parts = source.parts.split()
    beginning = list(islice(parts, _WORTH_PROCESSES))
    every = chain(beginning, parts)
    if number < 2 or (len(beginning) < _WORTH_PROCESSES and processes is None):
        made = _read_parts_here(source.parts, every, source.name, first)
    else:
        made = _read_elsewhere(source.parts, every, source.name, first, number)
    with closing(made):
        for index, encoded in enumerate(made, start=1):
            yield Numbered(encoded, first + index * source.parts.places_at_most - 1)


def _read_here(source: Source, first: int) -> Iterator[Numbered]:
    every = source.places()
    while batch := list(islice(every, _BATCH)):
        encoded = rows.encode(batch, source.name, _in_range(first, len(batch)))
        first += encoded.places
        yield Numbered(encoded, first - 1)


def _numbered(parts: Parts, every: Iterator[Any], first: int) -> Iterator[tuple[int, Any]]:
    for part in every:
        yield _in_range(first, parts.places_at_most), part
        first += parts.places_at_most


def _in_range(first: int, count: int) -> int:
    if first + count - 1 > rows.HIGHEST_NUMBER:
        message = "The gazetteer would have more places than it has numbers for."
        raise SourceError(message, "Load fewer or smaller sources.")
    return first


def _read_parts_here(parts: Parts, every: Iterator[Any], source: str, first: int) -> Generator[rows.Encoded]:
    for number, part in _numbered(parts, every, first):
        yield _encoded_part(parts.read, parts.places_at_most, source, number, part)


def _encoded_part(
    read: Callable[[Any], Sequence[Place | BadRow]], places_at_most: int, source: str, first: int, part: Any
) -> rows.Encoded:
    encoded = rows.encode(read(part), source, first)
    if encoded.places > places_at_most:
        message = f"A part of {source} gave {encoded.places:,} places, more than the {places_at_most:,} it promised."
        raise SourceError(message, "This is a fault of the program; report it.")
    return encoded


# --- the side that asks ----------------------------------------------------------------------------------------------


def _read_elsewhere(
    parts: Parts, every: Iterator[Any], source: str, first: int, processes: int
) -> Generator[rows.Encoded]:
    """The rows of all parts in their order, made by so many processes."""
    with _Crew(parts, source, processes) as crew:
        tasks = enumerate(_numbered(parts, every, first))
        handed_out = given = 0
        exhausted = False
        made: dict[int, rows.Encoded] = {}
        while not exhausted or given < handed_out:
            # Not too far ahead of the slowest part: what is made early has to be kept.
            while not exhausted and handed_out - given < 2 * _AT_HAND * processes and (worker := crew.least_busy()):
                task = next(tasks, None)
                if task is None:
                    exhausted = True
                else:
                    worker.send(task)
                    handed_out += 1
            if given in made:
                yield made.pop(given)
                given += 1
            else:
                made.update(crew.results())


class _Worker:
    """A process and our end of its pipe."""

    def __init__(self, parts: Parts, source: str, complaints: IO[bytes]) -> None:
        self.source = source
        self.complaints = complaints
        self.busy = 0
        self.pipe, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(  # this interpreter, with a constant
                [sys.executable, "-c", _START, str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                process_group=0,  # Ctrl-C is for us: we end the processes, and nothing else complains
            )
        self._say((parts.read, parts.places_at_most, source))

    def send(self, task: tuple[int, tuple[int, Any]]) -> None:
        self._say(task)
        self.busy += 1

    def _say(self, what: Any) -> None:
        message = pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            self.pipe.send_bytes(message)
        except OSError as error:
            raise self._death() from error

    def result(self) -> tuple[int, rows.Encoded]:
        try:
            index, found = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise self._death() from error
        self.busy -= 1
        if isinstance(found, BaseException):
            raise found
        return index, found

    def _death(self) -> GazetteerError:
        code = self._exit_code()
        killed = code is not None and code < 0
        how = f"was killed ({signal.Signals(-(code or 0)).name})" if killed else f"ended ({code})"
        self.complaints.seek(0)
        said = self.complaints.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        message = f"A process that read {self.source} {how}{f': {said}' if said else '.'}"
        return GazetteerError(message, "The gazetteer is as it was. Often memory ran out: make room, then load again.")

    def _exit_code(self) -> int | None:
        try:
            return self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.wait()


class _Crew:
    """The processes that read one source; leaving the block ends them."""

    def __init__(self, parts: Parts, source: str, processes: int) -> None:
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the crew
        self.workers: list[_Worker] = []
        try:
            for _ in range(processes):
                self.workers.append(_Worker(parts, source, self.complaints))
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """They hold nothing that would have to be put in order, so they are killed."""
        for worker in self.workers:
            worker.kill()
        self.complaints.close()

    def least_busy(self) -> _Worker | None:
        """A process that has room for one more part; None when all have enough."""
        worker = min(self.workers, key=lambda worker: worker.busy)
        return worker if worker.busy < _AT_HAND else None

    def results(self) -> Iterator[tuple[int, rows.Encoded]]:
        """What is ready; waits until something is."""
        by_pipe = {worker.pipe: worker for worker in self.workers}
        for ready in wait(list(by_pipe)):
            yield by_pipe[ready].result()  # type: ignore[index]


# --- the side that works ---------------------------------------------------------------------------------------------


def work(descriptor: str) -> None:
    """What a process does: rows of parts, until its pipe (by its number) is closed at the other end."""
    gc.disable()  # millions of small objects come and go, and none of them is part of a cycle
    pipe = Connection(int(descriptor))
    read, places_at_most, source = pickle.loads(pipe.recv_bytes())  # noqa: S301 -- from our parent
    at_hand: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    # Another thread takes what comes, always: two that write to each other, and none reads, would wait forever.
    threading.Thread(target=_take, args=(pipe, at_hand), daemon=True).start()
    while (message := at_hand.get()) is not None:
        index, (first, part) = pickle.loads(message)  # noqa: S301
        try:
            found: Any = _encoded_part(read, places_at_most, source, first, part)
        except Exception as error:  # the parent raises it
            found = _portable(error)
        with suppress(BrokenPipeError, ConnectionResetError):
            pipe.send((index, found))


def _take(pipe: Connection, at_hand: queue.SimpleQueue[bytes | None]) -> None:
    try:
        while True:
            at_hand.put(pipe.recv_bytes())
    except (EOFError, OSError):
        at_hand.put(None)
        # A part in work is of no use any more.
        os._exit(0)


def _portable(error: Exception) -> Exception:
    """The error, or one that says the same if it cannot travel."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:
        return GazetteerError(f"{type(error).__name__}: {error}")
    return error
