"""The files of an estimate: figures, tables, pictures and draws, all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from undercount.report.charts.glyphs import any_script
from undercount.report.charts.page import BANNER
from undercount.report.charts.plots import Plots
from undercount.report.summary import summary_text
from undercount.report.toll_csv import toll_csv
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from undercount.estimators import Estimate
    from undercount.report.charts.page import Shown
    from undercount.report.transaction import Writer

FILES: Final = ("estimate.nc", "summary.json", "toll.csv", "timeline.png", "sources.png", "report.html")


def write_files(
    estimate: Estimate, folder: str | os.PathLike[str], by: Sequence[str] = ("actor", "week")
) -> tuple[Path, ...]:
    """Write `estimate.nc`, `summary.json`, `toll.csv`, `timeline.png`, `sources.png` and `report.html`.

    Parameters
    ----------
    estimate : Estimate
        Where its gates failed, every file says so.
    folder : path
        Made if it is not there; files of these names in it are replaced, others stay.
    by : sequence of str
        Breakdowns of `toll.csv` and `summary.json`: any of actor, area, week, month, day.

    Returns
    -------
    tuple of Path
        In the order of `FILES`.

    Raises
    ------
    StoreError
        If they cannot be written. Then, and if interrupted, no new file is there and the old ones are as before.
    """
    plots = Plots(estimate)
    return write_all(
        Path(folder),
        {
            "estimate.nc": estimate.save,
            **{name: text_writer(content) for name, content in figures(estimate, by).items()},
            "timeline.png": lambda path: save_figure(plots.timeline(), path, estimate),
            "sources.png": lambda path: save_figure(plots.sources(), path, estimate),
            "report.html": estimate.report,
        },
    )


def figures(estimate: Estimate, by: Sequence[str] = ("actor", "week")) -> dict[str, str]:
    """Texts of `summary.json` and `toll.csv`, by these names."""
    return {"summary.json": summary_text(estimate, by), "toll.csv": toll_csv(estimate, by)}


def text_writer(content: str) -> Writer:
    """Give a function that writes a text to a path."""
    return lambda path: path.write_text(content, encoding="utf-8", newline="\n")


def save_figure(figure: Figure, path: Path, estimate: Shown) -> None:
    """Save a chart as PNG, with its provenance inside the file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : Path
    estimate : Estimate, OverlapEstimate or Backtest
    """
    description = f"{estimate.estimand}; evidence sha256 {estimate.sha256}; seed {estimate.seed}"
    if not estimate.check().passed:
        description = f"{BANNER}. {description}"
    with any_script():
        figure.savefig(path, format="png", metadata={"Description": description})
