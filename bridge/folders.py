"""Folders for what nobody else may read."""

import contextlib
from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make sure that a folder is there; what is made for it, above it too, is the user's alone.

    A folder that is there already stays as it is: it may serve something else as well, and the
    files in it are the user's alone anyway. Raises OSError.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was faster
            each.mkdir(mode=0o700)
    folder.mkdir(exist_ok=True)
