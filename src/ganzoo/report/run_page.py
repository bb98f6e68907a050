"""The report of a run: one HTML file that opens offline, holds its pictures and runs no script."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ganzoo.config.layers import Config, Setting
from ganzoo.errors import BadRun
from ganzoo.registry.kinds import KINDS
from ganzoo.report.curves import Curve, collect_curves, svg
from ganzoo.report.html import html_document, html_section
from ganzoo.report.images import inline, spread, thumbnail
from ganzoo.runs.folder import RunFolder
from ganzoo.runs.units import format_count, format_duration, format_number
from ganzoo.storage.files import replace_file
from ganzoo.training.health.rules import PREFIX, HealthMonitor

SHEETS = 8
"""Sheets the report shows at most, from the first to the last."""


def write_report(folder: RunFolder, measured: str = "") -> None:
    """Write ``report.html`` atomically.

    Args:
        folder: folder of the run.
        measured: section with its evaluations, as HTML.

    Raises:
        BadRun: the folder cannot be read or written.
    """
    try:
        with replace_file(folder.report) as temporary:
            temporary.write_text(page(folder, measured), encoding="utf-8")
    except OSError as error:
        raise BadRun(f"cannot write {folder.report}: {error.strerror or error}. Make room, then resume.") from error


def page(folder: RunFolder, measured: str = "") -> str:
    """Write the report as HTML.

    Args:
        folder: folder of the run; what it does not hold yet is left out.
        measured: section with its evaluations, as HTML.
    """
    config, metrics, facts = folder.config(), folder.read_metrics(), environment(folder)
    sheets = spread(sorted(folder.samples.glob("[0-9]*.png")), SHEETS)
    body = "".join(
        (
            _head(folder, config, metrics, facts),
            _samples(folder, sheets),
            measured,
            _health(metrics),
            _curves(collect_curves(metrics)),
            _again(folder, config, metrics),
            _configuration(config),
            _origin(facts),
        )
    )
    return html_document(folder.path.resolve().name, body)


def environment(folder: RunFolder) -> dict[str, Any]:
    """Read versions, machine and command; empty if the run has not written them."""
    try:
        return folder.environment
    except (OSError, ValueError):
        return {}


def sum_training_time(metrics: Iterable[Mapping[str, float]]) -> float:
    """Add up the time a run trained: the clock starts again each time it is resumed."""
    total = last = 0.0
    for values in metrics:
        now = values.get("seconds", last)
        total, last = total + (now - last if now >= last else now), now
    return total


def state(seen: float, wanted: float) -> str:
    """Describe the progress of a run."""
    if seen <= 0:
        return "just begun"
    if seen >= wanted:
        return f"complete: {format_count(seen)} images"
    return f"unfinished: {format_count(seen)} of {format_count(wanted)} images, {seen / wanted:.0%}"


def _head(folder: RunFolder, config: Config, metrics: Sequence[Mapping[str, float]], facts: Mapping[str, Any]) -> str:
    seen, wanted = _progress(config, metrics)
    trained = sum_training_time(metrics)
    peaks = [values["peak_memory_gib"] for values in metrics if "peak_memory_gib" in values]
    tiles = {
        "images seen": format_count(seen), "training time": format_duration(trained) if metrics else "-",
        "images a second": format_count(seen / trained) if trained else "-",
        "peak memory": f"{max(peaks):.1f} GiB" if peaks else "-",
        "seed": str(config.settings["run.seed"].value) if "run.seed" in config.settings else "-",
        "device": str(_nested(facts, "machine").get("device", "-")),
        "started": str(facts.get("started", "-"))[:16].replace("T", " "),
    }  # fmt: skip
    cells = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in tiles.items())
    components = "".join(
        f'<li><span class="kind">{kind}</span> {escape(_text(config.names(kind)))}</li>'
        for kind in KINDS
        if config.names(kind)
    )
    return (
        f'<header><p class="state">{escape(state(seen, wanted))}</p><h1>{escape(folder.path.resolve().name)}</h1>'
        f'<ul class="components"><li><span class="kind">recipe</span> {escape(config.recipe_name)}</li>'
        f"{components}</ul>"
        f'<dl class="tiles">{cells}</dl></header>'
    )


def _progress(config: Config, metrics: Sequence[Mapping[str, float]]) -> tuple[float, float]:
    """Return images seen and images wanted."""
    wanted = config.settings["run.images"].value if "run.images" in config.settings else None
    return metrics[-1]["images"] if metrics else 0.0, float(wanted) if isinstance(wanted, int) else math.inf


def _samples(folder: RunFolder, sheets: Sequence[Path]) -> str:
    reals = _figure(folder.reals, "real samples", "reals") if folder.reals.is_file() else ""
    if not sheets:
        return html_section("Samples", f'<div class="stage">{reals}</div>') if reals else ""
    last = len(sheets) - 1
    radios = "".join(
        f'<input type="radio" name="sheet" id="sheet{i}" aria-label="{_seen(sheet)}"{" checked" if i == last else ""}>'
        for i, sheet in enumerate(sheets)
    )
    strip = "".join(
        f'<label for="sheet{i}"><img src="{thumbnail(sheet)}" alt=""><span>'
        f"{format_count(int(sheet.stem))}</span></label>"
        for i, sheet in enumerate(sheets)
    )
    figures = "".join(
        _figure(sheet, f"the same seeds after {_seen(sheet)}", f"shown{i}") for i, sheet in enumerate(sheets)
    )
    film = f'<div class="film">{radios}<div class="stage">{figures}{reals}</div><div class="strip">{strip}</div></div>'
    return html_section("Samples", film, "Click a sheet to see it large; the arrow keys walk through the run.")


def _health(metrics: Sequence[Mapping[str, float]]) -> str:
    """Write the last value and level of each health metric, and every alarm."""
    monitor, last, alarms = HealthMonitor(), dict[str, float](), []
    for values in metrics:
        lines = monitor.update(int(values.get("step", 0)), values)
        seen = format_count(values["images"])
        alarms += [f"<p>{escape(f'After {seen} images: {line}')}</p>" for line in lines]
        last |= {name: value for name, value in values.items() if name.startswith(PREFIX)}
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td><code>{format_number(value)}</code></td>"
        f"<td>{monitor.levels.get(name, 'not enough values yet')}</td></tr>"
        for name, value in last.items()
    )
    table = f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>'
    return html_section("Health", "".join(alarms) + table, "The last values.") if rows else ""


def _curves(curves: Sequence[Curve]) -> str:
    rates = [curve for curve in curves if curve.name == "images_per_second"]
    shown = [*(curve for curve in curves if curve not in rates), *rates]
    until = max((curve.points[-1][0] for curve in curves), default=0.0)
    figures = "".join(
        f"<figure><figcaption>{escape(curve.name.replace('_', ' '))}"
        f"<b>{format_number(curve.points[-1][1])}</b></figcaption>{svg(curve, until)}</figure>"
        for curve in shown
    )
    return html_section("Metrics", f'<div class="curves">{figures}</div>', "Over images seen.") if figures else ""


def _again(folder: RunFolder, config: Config, metrics: Sequence[Mapping[str, float]]) -> str:
    seen, wanted = _progress(config, metrics)
    path = shlex.quote(str(folder.path))
    plugins = "".join(f" --plugin {shlex.quote(file)}" for file in config.plugins)
    file = shlex.quote(str(folder.path / "config.toml"))
    lines = {
        "Repeat it": f"ganzoo train {shlex.quote(config.recipe_name)} --config {file}{plugins}",
        "Go on with it": f"ganzoo train --resume {path}" + (f" --images {2 * wanted:.0f}" if seen >= wanted else ""),
        "Sample it": f"ganzoo sample {path} --seeds 0-63",
    }
    rows = "".join(f"<dt>{name}</dt><dd><code>{escape(line)}</code></dd>" for name, line in lines.items())
    return html_section("Again", f'<dl class="commands">{rows}</dl>')


def _configuration(config: Config) -> str:
    everything = config.everything()
    groups: dict[str, dict[str, Setting]] = {"components": {k: everything[k] for k in KINDS if k in everything}}
    for path, setting in config.settings.items():
        groups.setdefault(path.rpartition(".")[0], {})[path] = setting
    return html_section(
        "Configuration", "".join(_group(*group) for group in groups.items()), "Every value with its source."
    )


def _group(name: str, settings: Mapping[str, Setting]) -> str:
    """Write one group of settings: chosen values open, defaults folded."""
    chosen = {path: s for path, s in settings.items() if s.source != "default"}
    default = {path: s for path, s in settings.items() if s.source == "default"}
    folded = (
        f"<details><summary>{len(default)} at their default</summary>{_table(default)}</details>" if default else ""
    )
    note = f"{len(chosen)} chosen" if chosen else "all default"
    return (
        f'<details class="group"{" open" if chosen else ""}>'
        f"<summary><b>{escape(name)}</b> <span>{note}</span></summary>"
        f"{_table(chosen) if chosen else ''}{folded if chosen else _table(default)}</details>"
    )


def _table(settings: Mapping[str, Setting]) -> str:
    rows = "".join(
        f"<tr><th>{escape(path)}</th><td><code>{escape(_text(s.value))}</code></td><td>{escape(s.source)}</td></tr>"
        for path, s in settings.items()
    )
    return f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>'


def _origin(facts: Mapping[str, Any]) -> str:
    """Write the origin of the run: versions, machine, command, hash of the data."""
    plain = {k: v for k, v in facts.items() if not isinstance(v, Mapping) and v not in ("", None)}
    rows = {**_nested(facts, "versions"), **_nested(facts, "machine"), **plain}
    cells = "".join(
        f"<tr><th>{escape(str(k))}</th><td><code>{escape(str(v))}</code></td></tr>" for k, v in rows.items()
    )
    return html_section("Origin", f'<div class="scroll"><table><tbody>{cells}</tbody></table></div>') if cells else ""


def _figure(path: Path, caption: str, name: str) -> str:
    text = escape(caption)
    return f'<figure class="{name}"><img src="{inline(path)}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def _seen(sheet: Path) -> str:
    return f"{int(sheet.stem):,} images"


def _nested(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = facts.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_text, value)) or "none"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
