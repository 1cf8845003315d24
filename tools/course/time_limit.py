"""End a test that never ends, so that an endless loop in one task costs the points of that task.

It also says which function is missing, where one was renamed.

``tools/grade.py`` puts ``limit_tests(seconds)`` into a cell before the student's own.
"""

import signal


def limit_tests(seconds):
    """Let each of otter's test cases fail with a TimeoutError after so many seconds of computing.

    The clock is that of the processor, so that a busy machine does not cost points; what sleeps
    for ever is ended by the limit of the whole submission.
    """
    from otter.test_files.exception_test import test_case

    load_torch()
    run = test_case.call_func

    def run_in_time(self, environment):
        check_names(self._get_func_params(), environment)

        def ring(number, frame):
            raise TimeoutError(f"not ready after {seconds} seconds")

        before = signal.signal(signal.SIGPROF, ring)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            return run(self, environment)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    if hasattr(signal, "SIGPROF"):  # not on Windows
        test_case.call_func = run_in_time


def check_names(names, environment):
    """Raise a NameError if the notebook lacks one of these; otter would pass None to the test.

    A function of its own, since otter looks for the line of the error two calls down.
    """
    for name in names:
        if name != "env" and environment.get(name) is None:
            raise NameError(f"the notebook defines no {name}: renamed, or its cell stopped")


def load_torch():
    """Import what PyTorch imports late: an import that is broken off leaves halves behind."""
    import torch

    weight = torch.zeros(1, requires_grad=True)
    torch.optim.SGD([weight], lr=1.0)
    torch.testing.assert_close(weight.detach(), torch.zeros(1))
