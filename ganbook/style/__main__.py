"""``python -m ganbook.style``; ``--help`` lists its options."""

import sys

from ganbook.style.command import main

if __name__ == "__main__":
    sys.exit(main())
