"""The entry point: runs the application and turns every error into a line or two and an exit code.

Codes: 0 done; 1 a check failed (``doctor``, ``check``); 2 the user can fix it; 70 a bug; 130 interrupted.
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
from collections.abc import Sequence
from types import FrameType
from typing import Protocol, runtime_checkable

import typer
from typer.main import get_command

from ganzoo.cli.app import app
from ganzoo.cli.context import Stopped, hoist_plugin_options, plugin_files
from ganzoo.errors import BadComponent, GanzooError, PluginError, nearest
from ganzoo.training.signals import SIGNALS

BAD_PIPE, MISTAKE, BUG, INTERRUPTED = 1, 2, 70, 130

DISK_ERRORS = {errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
"""Why the system refuses to read or write a path; the user can fix that."""

PATH_WIDTH = 80
"""Characters of a path that such a message shows, about."""

MORE = "Its author finds more with:"


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an ASCII terminal gets '?', never a UnicodeEncodeError
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit_cleanly)
    sys.exit(run(sys.argv[1:]))


def _exit_cleanly(number: int, frame: FrameType | None) -> None:
    """Exit through an exception, so that half-written files are removed."""
    sys.exit(128 + number)


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: the words after ``ganzoo``.

    Returns:
        The exit code; messages go to stderr.
    """
    try:
        code = get_command(app).main(hoist_plugin_options(arguments), prog_name="ganzoo", standalone_mode=False)
        sys.stdout.flush()
        return _report("interrupted", INTERRUPTED) if code == INTERRUPTED else code if isinstance(code, int) else 0
    except Stopped as stopped:
        return stopped.code
    except (KeyboardInterrupt, typer.Abort):
        return _report("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter flushes stdout once more when it leaves
        return BAD_PIPE
    except Exception as error:
        return _report(*explain(error, arguments))


def explain(error: Exception, arguments: Sequence[str] = ()) -> tuple[str, int]:
    """Say in at most three lines what went wrong, and with which exit code the process ends."""
    files = "".join(f" --plugin {shlex.quote(file)}" for file in plugin_files())
    cause = error.__cause__ if isinstance(error, PluginError) and error.__cause__ else error
    if isinstance(error, BadComponent):
        name = error.name or ("" if files else "NAME")
        return f"{_shorten(f'error: {error}', 2)}\n{MORE} ganzoo check{name and f' {name}'}{files}", MISTAKE
    if isinstance(error, GanzooError):
        return _shorten(f"error: {error}"), MISTAKE
    if isinstance(error, UsageMistake):
        return _shorten(f"error: {_explain_usage(error, arguments)}"), MISTAKE
    if isinstance(cause, MemoryError) or type(cause).__name__ == "OutOfMemoryError" or "can't allocate" in str(cause):
        fix = "Try fewer images at once: --set run.micro_batch_size=8, or less."
        return f"error: out of memory: {_first_line(cause)}\n{fix}", MISTAKE
    if isinstance(cause, OSError) and cause.errno in DISK_ERRORS and isinstance(cause.filename, str):
        return f"error: {_quote_path(cause.filename)}: {cause.strerror}. Choose another path, or fix this one.", MISTAKE
    log = f"the traceback is in {_write_log(error)}"
    if isinstance(error, PluginError):
        return f"error: {error}; {log}\n{MORE} {error.advice}", BUG
    what = f"{type(error).__name__}: {_first_line(error)}; {log}"
    if files:
        return f"ganzoo or a plugin has a bug: {what}\nFirst check the plugin: ganzoo check{files}", BUG
    return f"ganzoo has a bug: {what}", BUG


def _quote_path(path: str) -> str:
    """Put a path in quotes; one that is too long to be one is cut to its ends."""
    return f"'{path}'" if len(path) <= PATH_WIDTH else f"'{path[: PATH_WIDTH // 2]}...{path[-PATH_WIDTH // 2 :]}'"


class UsageContext(Protocol):
    """The context of a usage error, as far as typer and click agree on it."""

    command_path: str

    @property
    def command(self) -> object:
        """The command whose arguments were wrong."""


@runtime_checkable
class UsageMistake(Protocol):
    """A usage error, of typer or, with an older typer, of click."""

    def format_message(self) -> str:
        """Say what is wrong, in a sentence."""


def _explain_usage(error: UsageMistake, arguments: Sequence[str]) -> str:
    context: UsageContext | None = getattr(error, "ctx", None)
    path = context.command_path if context else " ".join(["ganzoo", *_find_command(arguments)])
    text = error.format_message()
    command, option = re.match(r"No such command '(.*?)'", text), getattr(error, "option_name", None)
    if command:
        text = f"no command '{command[1]}'.{nearest(command[1], _commands(context))}"
    elif text.startswith("No such option") and option:
        text = f"'{path}' has no option '{option}'.{nearest(option, _options(context))}"
    sentence = " ".join(f"{text[:1].lower()}{text[1:]}".split())
    return f"{sentence}{'' if sentence.endswith(('.', '?')) else '.'} See: {path} --help"


def _find_command(arguments: Sequence[str]) -> list[str]:
    """Find the command among the words, for errors without a context."""
    known = getattr(get_command(app), "commands", {})
    return [word for word in arguments if word in known][:1]


def _commands(context: UsageContext | None) -> list[str]:
    return list(getattr(context and context.command, "commands", ()))


def _options(context: UsageContext | None) -> list[str]:
    params = getattr(context and context.command, "params", ())
    return ["--help", *(text for param in params for text in param.opts if text.startswith("-"))]


def _shorten(text: str, lines: int = 3) -> str:
    return "\n".join(text.splitlines()[:lines])


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or "no message").splitlines()[0]


def _write_log(error: Exception) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="ganzoo-", suffix=".log", encoding="utf-8", delete=False) as file:
        file.write("".join(traceback.format_exception(error)))
    return file.name


def _report(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code
