"""Folders and files of any kind: read, or refused with a place and a way to mend it."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tests.builders import make_evidence
from tests.data.folders import edit, good_folder, read_rows, replace_in_case, write_rows
from undercount.data import InvalidEvidenceError, check_case, files, read_case
from undercount.errors import EvidenceError


def only_problem(folder: Path, code: str) -> str:
    problems = check_case(folder)
    assert [problem.code for problem in problems] == [f"evidence-{code}"]
    with pytest.raises(EvidenceError) as caught:
        read_case(folder)
    error = caught.value
    assert (error.code, error.where, error.hint) == (problems[0].code, problems[0].where, problems[0].hint)
    assert error.where
    assert error.hint
    return str(problems[0])


def test_a_good_folder_reads_as_it_was_written(tmp_path: Path) -> None:
    assert read_case(good_folder(tmp_path)) == make_evidence()
    assert read_case(str(tmp_path / "testland")).sha256 == make_evidence().sha256


def test_no_folder(tmp_path: Path) -> None:
    assert "no such folder" in only_problem(tmp_path / "absent", "no-folder")
    only_problem(Path("nul\0byte"), "no-folder")


def test_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    only_problem(tmp_path / "file", "not-a-folder")


@pytest.mark.parametrize("file", ["case.toml", "reports.csv", "sources.csv"])
def test_a_file_is_missing(tmp_path: Path, file: str) -> None:
    folder = good_folder(tmp_path)
    (folder / file).unlink()
    assert file in only_problem(folder, "no-file")


@pytest.mark.parametrize("file", ["case.toml", "reports.csv", "sources.csv"])
@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "empty-file", "empty"),
        (b" \n", "empty-file", "empty"),
        (b"a,b\nc\xff,d\n", "not-text", "byte 0xff at byte offset 5"),
        (b"a,b\nc\0,d\n", "nul-byte", "byte offset 5"),
        (b"\x1f\x8b\x08\0", "nul-byte", "byte offset 3"),
    ],
)
def test_a_file_is_not_text(tmp_path: Path, file: str, content: bytes, code: str, message: str) -> None:
    folder = good_folder(tmp_path)
    (folder / file).write_bytes(content)
    text = only_problem(folder, code)
    assert message in text
    assert file in text


@pytest.mark.parametrize("file", ["case.toml", "reports.csv", "validation.csv"])
def test_a_file_is_a_folder_or_a_pipe(tmp_path: Path, file: str) -> None:
    folder = good_folder(tmp_path)
    (folder / file).unlink(missing_ok=True)
    (folder / file).mkdir()
    only_problem(folder, "not-a-file")
    (folder / file).rmdir()
    os.mkfifo(folder / file)
    only_problem(folder, "not-a-file")


def test_a_file_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = good_folder(tmp_path)

    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    problems = check_case(folder)
    assert {problem.code for problem in problems} == {"evidence-unreadable-file"}
    assert all("Permission denied" in str(problem) for problem in problems)


def test_a_file_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = good_folder(tmp_path)
    with (folder / "case.toml").open("ab") as stream:
        stream.truncate(files.LARGEST_CASE_FILE + 1)
    assert "larger than 16 MiB" in only_problem(folder, "file-too-large")
    monkeypatch.setattr(files.read_text, "__defaults__", (2**20,))
    good_folder(tmp_path / "other")
    with (tmp_path / "other/testland/reports.csv").open("ab") as stream:
        stream.truncate(2**20 + 1)
    only_problem(tmp_path / "other/testland", "file-too-large")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[timeline]", "[timeline", "row 5"),
        ('title = "', "title = ", "row 2"),
        ("[estimand]", "[timeline]", "not valid TOML"),
        ("[estimand]", "x = " + "[" * 20_000, "nested too deeply"),
        ("[estimand]", "x = " + "1" * 5_000, "not valid TOML"),
    ],
)
def test_bad_toml(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = good_folder(tmp_path)
    replace_in_case(folder, old, new)
    assert message in only_problem(folder, "bad-toml")


def test_a_byte_order_mark_and_windows_lines_change_nothing(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    for name in ("case.toml", "reports.csv", "sources.csv"):
        raw = (folder / name).read_bytes()
        (folder / name).write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    assert read_case(folder).sha256 == make_evidence().sha256


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    with (folder / "reports.csv").open("a") as stream:
        stream.write("\n\n")
    assert read_case(folder).sha256 == make_evidence().sha256


def header(folder: Path, change: dict[str, str]) -> None:
    path = folder / "reports.csv"
    first, rest = path.read_text().split("\n", 1)
    path.write_text(",".join(change.get(name, name) for name in first.split(",")) + "\n" + rest)


def test_unknown_and_missing_columns(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    header(folder, {"published": "publishd"})
    unknown, missing = check_case(folder)
    assert (unknown.code, unknown.field, unknown.row) == ("evidence-unknown-column", "publishd", 1)
    assert "did you mean published?" in unknown.hint
    assert (missing.code, missing.field) == ("evidence-missing-column", "published")


def test_a_column_that_may_be_empty_must_still_be_there(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    rows = [{name: cell for name, cell in row.items() if name != "note"} for row in read_rows(folder / "reports.csv")]
    write_rows(folder / "reports.csv", rows)
    assert "field note" in only_problem(folder, "missing-column")


def test_a_column_stands_twice(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    header(folder, {"note": "reason"})
    codes = {problem.code for problem in check_case(folder)}
    assert codes == {"evidence-duplicate-column", "evidence-missing-column"}


def test_columns_between_semicolons(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    text = (folder / "sources.csv").read_text()
    (folder / "sources.csv").write_text(text.replace(",", ";"))
    assert "','" in only_problem(folder, "bad-separator")


@pytest.mark.parametrize(("row", "code"), [("r9,un", "too-few-cells"), ("r9" + "," * 40, "too-many-cells")])
def test_rows_of_another_width(tmp_path: Path, row: str, code: str) -> None:
    folder = good_folder(tmp_path)
    with (folder / "reports.csv").open("a") as stream:
        stream.write(row + "\n")
    assert "row 8, report r9" in only_problem(folder, code)


def test_rows_are_counted_by_line_although_cells_hold_line_breaks(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    rows = read_rows(folder / "reports.csv")
    rows[0]["quote"] = "one\ntwo\nthree"
    rows[1]["value"] = "x"
    write_rows(folder / "reports.csv", rows)
    assert "row 5, " in only_problem(folder, "not-an-integer")


def test_an_open_quotation_mark(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    with (folder / "reports.csv").open("a") as stream:
        stream.write('r9,"un\n')
    assert "row 8" in only_problem(folder, "bad-csv")


def test_a_huge_field_and_the_limit_of_the_process(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    folder = good_folder(tmp_path)
    edit(folder, "reports.csv", "un-jan", quote="x" * (files.LONGEST_FIELD - 1))
    assert check_case(folder) == []
    edit_limit = csv.field_size_limit(2 * files.LONGEST_FIELD)
    edit(folder, "reports.csv", "un-jan", quote="x" * (files.LONGEST_FIELD + 1))
    csv.field_size_limit(edit_limit)
    only_problem(folder, "field-too-long")
    assert csv.field_size_limit() == before


def test_validation_is_read_and_is_no_evidence(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    (folder / "validation.csv").write_text("who,deaths\nmorgue,950\n")
    evidence = read_case(folder)
    assert evidence.validation == ({"who": "morgue", "deaths": "950"},)
    assert evidence.sha256 == make_evidence().sha256
    (folder / "validation.csv").write_text("who,deaths\nmorgue\n")
    assert "validation.csv, row 2" in only_problem(folder, "too-few-cells")


def test_one_error_lists_every_problem(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    edit(folder, "reports.csv", "un-jan", value="1.0")
    edit(folder, "reports.csv", "un-copy", actors="reed")
    problems = check_case(folder)
    with pytest.raises(InvalidEvidenceError) as caught:
        read_case(folder)
    assert list(caught.value.problems) == problems
    assert len(problems) == 2
    assert all(str(problem) in str(caught.value) for problem in problems)
    assert caught.value.code == problems[0].code


def test_a_table_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = good_folder(tmp_path)
    monkeypatch.setattr(files, "MOST_ROWS", 5)
    only_problem(folder, "too-many-rows")
    monkeypatch.setattr(files, "MOST_ROWS", 6)
    assert check_case(folder) == []


def test_a_table_of_noise_ends_after_a_thousand_problems(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    with (folder / "reports.csv").open("a") as stream:
        stream.write("a,b\n" * 200_000)
    assert len(check_case(folder)) == 1000


def test_a_table_of_sources_may_lack_the_column_of_speakers(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    rows = read_rows(folder / "sources.csv")
    assert {row.pop("speakers") for row in rows} == {"one"}
    write_rows(folder / "sources.csv", rows)
    assert read_case(folder) == make_evidence()
    for row in rows:
        del row["side"]
    write_rows(folder / "sources.csv", rows)
    assert "side" in " ".join(str(problem) for problem in check_case(folder))


def test_the_number_of_speakers_is_read(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    edit(folder, "sources.csv", "press", speakers="several")
    assert {s.source: s.speakers.value for s in read_case(folder).sources}["press"] == "several"
    edit(folder, "sources.csv", "press", speakers="few")
    (problem,) = check_case(folder)
    assert "number of speakers" in str(problem)


def test_a_table_of_sources_may_lack_the_column_of_lags(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    rows = read_rows(folder / "sources.csv")
    assert {row.pop("lag") for row in rows} == {"none"}
    write_rows(folder / "sources.csv", rows)
    assert read_case(folder).sha256 == make_evidence().sha256


def test_the_lag_of_a_recorder_is_read(tmp_path: Path) -> None:
    folder = good_folder(tmp_path)
    edit(folder, "sources.csv", "un", lag="fitted")
    evidence = read_case(folder)
    assert {s.source: s.lag.value for s in evidence.sources}["un"] == "fitted"
    again = evidence.with_sources(evidence.sources_frame())
    assert again.sha256 == evidence.sha256 != make_evidence().sha256
    edit(folder, "sources.csv", "un", lag="long")
    (problem,) = check_case(folder)
    assert "not a known lag" in str(problem)


@pytest.mark.parametrize(("source", "changes"), [("press", {}), ("red-army", {}), ("un", {"speakers": "several"})])
def test_only_a_recorder_of_one_speaker_has_a_lag(tmp_path: Path, source: str, changes: dict[str, str]) -> None:
    folder = good_folder(tmp_path)
    edit(folder, "sources.csv", source, lag="fitted", **changes)
    (problem,) = check_case(folder)
    assert problem.code == "evidence-no-lag"
    assert "write none in lag" in str(problem)
