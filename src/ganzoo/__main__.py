"""``python -m ganzoo`` is ``ganzoo``."""

from ganzoo.cli.main import main

main()
