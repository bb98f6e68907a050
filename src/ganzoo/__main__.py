"""Where ``ganzoo`` and ``python -m ganzoo`` begin: nothing is imported before an interrupt can be caught."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code; 130 if it was interrupted while it was still loading."""
    try:
        from ganzoo.cli.main import main as command_line
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    command_line()


if __name__ == "__main__":
    main()
