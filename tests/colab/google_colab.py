"""Put in place as ``google.colab``: the name that the install cell looks for, and a list of writes.

Each path that Python opens for writing, makes or renames is noted in the file COLAB_WRITES, so that
a test sees whether a notebook writes outside of its machine.
"""

import os
import sys

_notes = os.open(os.environ["COLAB_WRITES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MADE = {"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1}


def _note(event, arguments):
    if event == "open" and not (arguments[2] or 0) & _WRITING:
        return
    if event == "open" or event in _MADE:
        path = arguments[_MADE.get(event, 0)]
        if isinstance(path, (str, bytes)) and path not in sys.argv:  # the kernel's own -f file
            os.write(_notes, os.path.abspath(os.fsencode(path)) + b"\n")


sys.addaudithook(_note)
