"""The entry point: runs the application and turns whatever goes wrong into one line and an exit code.

Codes: 0 done; 1 something is broken (``doctor``, ``check``); 2 the user can mend it; 70 our bug; 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Protocol, TypeVar, runtime_checkable

import typer
from typer.main import get_command

from ganzoo.cli.app import app
from ganzoo.cli.blame import advice, find_broken_component, find_plugin_at_fault
from ganzoo.cli.context import Stopped, hoist_plugin_options, plugin_files
from ganzoo.errors import BadPart, GanzooError, NeverSound, nearest
from ganzoo.training.signals import SIGNALS

Found = TypeVar("Found")

BAD_PIPE, MISTAKE, BUG, INTERRUPTED = 1, 2, 70, 130

THE_DISKS = {errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
"""What a disk says no to a path with: the user can mend that."""

SHOWN = 80
"""Characters of a path that such a message shows, about."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an ASCII terminal gets '?', never a UnicodeEncodeError
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)
    sys.exit(run(sys.argv[1:]))


def _leave(number: int, frame: FrameType | None) -> None:
    """End as the signal asks, but clean up on the way: what is half written is removed."""
    sys.exit(128 + number)


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: the words after ``ganzoo``.

    Returns:
        The exit code; what went wrong is on stderr.
    """
    try:
        code = get_command(app).main(hoist_plugin_options(arguments), prog_name="ganzoo", standalone_mode=False)
        sys.stdout.flush()
        return _say("interrupted", INTERRUPTED) if code == INTERRUPTED else code if isinstance(code, int) else 0
    except Stopped as stopped:
        return stopped.code
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter flushes stdout once more when it leaves
        return BAD_PIPE
    except Exception as error:
        return _say(*explain(error, arguments))


def explain(error: Exception, arguments: Sequence[str] = ()) -> tuple[str, int]:
    """Say in at most three lines what went wrong, and which exit code tells it."""
    if isinstance(error, GanzooError):
        broken = _asked(find_broken_component, error) if isinstance(error, BadPart | NeverSound) else None
        return _shortened(f"error: {broken or with_files(str(error))}"), MISTAKE
    if isinstance(error, UsageMistake):
        return _shortened(f"error: {_usage(error, arguments)}"), MISTAKE
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or "can't allocate" in str(error):
        cure = "Try fewer images at once: --set run.micro_batch_size=8, or less."
        return f"error: out of memory: {_first_line(error)}\n{cure}", MISTAKE
    if isinstance(error, OSError) and error.errno in THE_DISKS and isinstance(error.filename, str):
        return f"error: {_shown(error.filename)}: {error.strerror}. Name another place, or mend this one.", MISTAKE
    return _bug(error), BUG


def _shown(path: str) -> str:
    """Give a path in quotes; of one that is too long to be one, its ends."""
    return f"'{path}'" if len(path) <= SHOWN else f"'{path[: SHOWN // 2]}...{path[-SHOWN // 2 :]}'"


def with_files(text: str) -> str:
    """Add the plugin files of this command line to the commands a message advises: without them nothing is found."""
    files = "".join(f" --plugin {shlex.quote(file)}" for file in plugin_files())
    advised = re.compile(r"ganzoo (check|show) ([\w:.-]+)(?: --plugin FILE)?")
    return advised.sub(lambda found: f"ganzoo{files} {found[1]} {found[2]}", text) if files else text


def _bug(error: Exception) -> str:
    """Say whose bug it is: of the part that breaks a law, else of the plugin it passed through, else ours."""
    what = f"{type(error).__name__}: {_first_line(error)}; the traceback is in {_log(error)}"
    broken = None if isinstance(error, OSError) else _asked(find_broken_component, error)
    found = _asked(find_plugin_at_fault, error)
    if broken is not None:
        return f"error: {broken}\nIt ended in {'' if found is None else f'{found[1]}: '}{what}"
    if found is not None:
        plugin, where = found
        return f"{plugin.distribution} has a bug in {where}: {what}\n{advice(plugin)}"
    files = " ".join(f"--plugin {file}" for file in plugin_files())
    if files:
        return f"ganzoo or a plugin has a bug: {what}\nFirst hold the plugin against the laws: ganzoo check {files}"
    return f"ganzoo found a bug: {what}"


def _asked(classifier: Callable[[Exception], Found | None], error: Exception) -> Found | None:
    """Ask whose fault an error is; what failed may be the very thing that is asked."""
    try:
        return classifier(error)
    except Exception:
        return None


class Told(Protocol):
    """The context of a usage error, as typer and click agree on it."""

    command_path: str

    @property
    def command(self) -> object:
        """The command whose arguments were wrong."""


@runtime_checkable
class UsageMistake(Protocol):
    """A usage error, of typer or, with an older typer, of click: whatever formats its own message."""

    def format_message(self) -> str:
        """What is wrong, in a sentence."""


def _usage(error: UsageMistake, arguments: Sequence[str]) -> str:
    context: Told | None = getattr(error, "ctx", None)
    path = context.command_path if context else " ".join(["ganzoo", *_command_in(arguments)])
    text = error.format_message()
    command, option = re.match(r"No such command '(.*?)'", text), getattr(error, "option_name", None)
    if command:
        text = f"no command '{command[1]}'.{nearest(command[1], _commands(context))}"
    elif text.startswith("No such option") and option:
        text = f"'{path}' has no option '{option}'.{nearest(option, _options(context))}"
    sentence = " ".join(f"{text[:1].lower()}{text[1:]}".split())
    return f"{sentence}{'' if sentence.endswith(('.', '?')) else '.'} See: {path} --help"


def _command_in(arguments: Sequence[str]) -> list[str]:
    """Find the command among the words, for errors that do not know theirs."""
    known = getattr(get_command(app), "commands", {})
    return [word for word in arguments if word in known][:1]


def _commands(context: Told | None) -> list[str]:
    return list(getattr(context and context.command, "commands", ()))


def _options(context: Told | None) -> list[str]:
    params = getattr(context and context.command, "params", ())
    return ["--help", *(text for param in params for text in param.opts if text.startswith("-"))]


def _shortened(text: str) -> str:
    return "\n".join(text.splitlines()[:3])


def _first_line(error: Exception) -> str:
    return (str(error).strip() or "no message").splitlines()[0]


def _log(error: Exception) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="ganzoo-", suffix=".log", encoding="utf-8", delete=False) as file:
        file.write("".join(traceback.format_exception(error)))
    return file.name


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code
