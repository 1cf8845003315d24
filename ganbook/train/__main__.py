"""``python -m ganbook.train``; ``--help`` lists the GANs, ``dcgan --help`` the options of one."""

import sys

from ganbook.train.command import main

if __name__ == "__main__":
    sys.exit(main())
