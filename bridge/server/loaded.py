"""What is loaded to serve a host stays loaded, so nobody need look through it for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """Leave all that is loaded out of every search for garbage, at last also out of Python's own.

    Without it the interpreter looks through everything again, several times, before it ends:
    longer than a host may be willing to wait.
    """
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        gc.freeze()
