"""The command `layerloom`: the window without arguments, the command line with them.

Opening the window loads neither the command line's packages nor torch.
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code: 0 success, 1 a run failed, 2 bad input or no display, 130 Ctrl+C."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        from app.shell.display import open_window

        return open_window(None)
    if len(given) == 1 and given[0].endswith(".loom"):
        given = ["open", *given]
    try:
        from app.cli import application, data, plug_ins, predict, projects, report, runs, sample, train

        del (
            data,
            plug_ins,
            predict,
            projects,
            report,
            runs,
            sample,
            train,
        )  # importing a module adds its commands to the application
        return application.main(given)
    except KeyboardInterrupt:  # before a command began, or between two
        return 130


if __name__ == "__main__":
    sys.exit(main())
