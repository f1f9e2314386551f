"""Pieces of a file handed to a thread of its own: while it packs them the next are put together.

Packing lets other threads of Python work meanwhile; it is a sixth of the way of a long workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread

Put = Callable[[bytes], object]
# pieces that may wait; then whoever hands them over waits
MOST = 4


@contextmanager
def behind(put: Put) -> Iterator[Put]:
    """What takes pieces in place of ``put``, in their order; all are through when the block
    ends. What goes wrong there is raised here, at the next piece or at the end.
    """
    waiting: Queue[bytes | None] = Queue(MOST)
    errors: list[BaseException] = []

    def work() -> None:
        while (piece := waiting.get()) is not None:
            if not errors:
                try:
                    put(piece)
                # whatever it is: a thread that ended would leave the writer waiting for ever
                except BaseException as error:
                    errors.append(error)

    def hand(piece: bytes) -> None:
        if errors:
            raise errors[0]
        waiting.put(piece)

    thread = Thread(target=work, name="packing", daemon=True)
    thread.start()
    try:
        yield hand
    finally:
        waiting.put(None)
        thread.join()
    if errors:
        raise errors[0]
