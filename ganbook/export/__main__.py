"""``python -m ganbook.export``; ``--help`` lists its options."""

import sys

from ganbook.export.command import main

if __name__ == "__main__":
    sys.exit(main())
