"""A server on this machine for the tests of downloads: it can break off, and it can be asked."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Loopback:
    """Serves ``folder`` at ``url``.

    ``asked`` lists what was asked for: (method, name, first byte). ``cut`` maps a name to the
    number of bytes after which the next download of it breaks off. With ``ranges`` False the
    server sends whole files only, as some do.
    """

    def __init__(self, folder: Path, port: int):
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        self.asked: list[tuple[str, str, int]] = []
        self.cut: dict[str, int] = {}
        self.ranges = True

    def downloads(self, name: str) -> list[int]:
        """The first bytes of all downloads of one file: [0] is one whole download."""
        return [start for method, asked, start in self.asked if (method, asked) == ("GET", name)]


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with files, and parts of files."""

    def do_GET(self):
        loopback = self.server.loopback
        name = self.path.partition("?")[0].lstrip("/")
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        # torchvision looks for redirections with a GET that it does not read
        method = self.headers.get("Method", self.command)
        loopback.asked.append((method, name, start))
        file = loopback.folder / name
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        if start and start >= len(content) and loopback.ranges:
            self.send_error(416)
            return
        part = bool(start) and loopback.ranges
        rest = content[start:] if part else content
        self.send_response(206 if part else 200)
        self.send_header("Content-Length", str(len(rest)))
        if part:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if method == "GET":
            self.wfile.write(rest[: loopback.cut.pop(name, len(rest))])

    do_HEAD = do_GET

    def log_message(self, *arguments):
        """Print nothing."""


@contextmanager
def serve(folder: Path):
    """Serve a folder (made if it is missing) until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.loopback = Loopback(folder, server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.loopback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
