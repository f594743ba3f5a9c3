"""An estimate for other programs: tables, spreadsheets, provenance, references."""

from undercount.report.exports.front import FORMATS, export

__all__ = ["FORMATS", "export"]
