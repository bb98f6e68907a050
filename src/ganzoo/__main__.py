"""Entry point of ``ganzoo`` and ``python -m ganzoo``; it imports nothing before it can catch an interrupt."""

import sys


def main() -> None:
    """Run the command line and exit with its code; 130 if it was interrupted while loading."""
    try:
        from ganzoo.cli.main import main as command_line
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    command_line()


if __name__ == "__main__":
    main()
