"""``python -m ganbook.metrics``; ``--help`` lists its options."""

import sys

from ganbook.metrics.command import main

if __name__ == "__main__":
    sys.exit(main())
