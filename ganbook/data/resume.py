"""A download that goes on where it broke off."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 30  # without a byte, after which a server is given up
PIECE = 1 << 14  # bytes; less than one is lost when the connection breaks


def resuming(part: str | Path) -> Callable[[str, str, Any], None]:
    """Return a ``downloader`` for ``pooch.retrieve`` that keeps in ``part`` what has arrived.

    A broken download leaves ``part``; the next one asks the server for the bytes after it. A
    server that cannot send parts sends the whole file, which then replaces ``part``. When all is
    there, ``part`` becomes pooch's file, whose checksum pooch compares; if it is wrong, nothing
    stays and the next download starts from the beginning.

    Raises:
        OSError: (in the download) no network, no such file, or the connection broke off.
    """
    part = Path(part)

    def download(url: str, output_file: str, pooch: Any) -> None:
        _fetch_the_rest(url, part)
        os.replace(part, output_file)

    return download


def _fetch_the_rest(url: str, part: Path) -> None:
    import requests  # slow to import, so only when needed; pooch depends on it

    have = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity"}  # lengths and places count bytes of the file itself
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=SECONDS) as response:
        if have and response.status_code == 416:  # there is nothing after what we have
            return
        response.raise_for_status()
        expected = int(response.headers.get("Content-Length", -1))
        arrived = 0
        with open(part, "ab" if response.status_code == 206 else "wb") as file:
            for piece in response.iter_content(PIECE):
                file.write(piece)
                arrived += len(piece)
    if arrived < expected:  # an older urllib3 takes a short answer for a whole one
        raise ConnectionError(f"{arrived} of {expected} bytes arrived, then it broke off")
