"""What the tests of the command lines share."""


def refused(main, capsys, *arguments, quiet=True):
    """Run a command that must fail; return its message, the last line.

    With ``quiet`` it may print nothing to standard output before.
    """
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as stop:  # argparse
        code = stop.code
    printed = capsys.readouterr()
    assert code == 2 and "Traceback" not in printed.err
    assert printed.out == "" or not quiet
    return printed.err.strip().splitlines()[-1]
