"""The report as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from undercount.report.files import text_writer
from undercount.report.page.html import report_html
from undercount.report.transaction import write_all

if TYPE_CHECKING:
    import os

    from undercount.report.page.findings import Findings


def write_report(findings: Findings, path: str | os.PathLike[str], language: str = "en") -> Path:
    """Write the report of an estimate to a file.

    Parameters
    ----------
    findings : Findings
    path : path
        Of the file; its folder is made if it is not there.
    language : {"en", "ar", "ckb"}

    Raises
    ------
    RunError
        If the language is another one.
    StoreError
        If it cannot be written; a file that was there before is then unchanged.
    """
    target = Path(path)
    (written,) = write_all(target.parent, {target.name: text_writer(report_html(findings, language))})
    return written
