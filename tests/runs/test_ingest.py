"""What the ledger takes in: new, revised and known rows, and refusals of a whole batch."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies
from sqlalchemy import func, select, update

from tests.runs.cases import new_report, small_case, some_reports
from undercount.data.bundled import case_names, find_case, init_case
from undercount.data.cells import as_cells
from undercount.data.files import write_table
from undercount.data.reading import read_case
from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS, Report
from undercount.errors import EvidenceError, StoreError
from undercount.runs.ingest import ingest, try_ingest
from undercount.runs.ledger.entries import Entries
from undercount.runs.ledger.tables import BATCHES, ENTRIES
from undercount.runs.store import Store

JAN, FEB, PRESS = some_reports()


def write_reports(path: Path, *reports: Report) -> Path:
    write_table(path, REPORT_COLUMNS, map(as_cells, reports))
    return path


def entries_of(store: Store) -> Entries:
    with store.ledger.reading() as connection:
        return Entries.read(connection, store.name)


def rows_of(store: Store) -> tuple[int, int]:
    with store.ledger.reading() as connection:
        return tuple(connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (BATCHES, ENTRIES))  # type: ignore[return-value]


def changed(report: Report, **changes: object) -> Report:
    return report.model_copy(update=changes)


def test_what_comes_out_is_what_went_in(store: Store, folder: Path) -> None:
    taken, entries = ingest(store)
    assert [(one.file, len(one.new)) for one in taken] == [
        ("./case.toml", 1),
        ("./sources.csv", 3),
        ("./reports.csv", 3),
    ]
    assert entries.evidence().sha256 == read_case(folder).sha256
    assert entries_of(store) == entries


def test_taking_in_twice_adds_nothing(store: Store, tmp_path: Path) -> None:
    file = write_reports(tmp_path / "more.csv", new_report(), FEB)
    ingest(store, [file])
    before = rows_of(store)
    taken, _ = ingest(store, [file])
    assert rows_of(store) == before
    assert (taken[-1].known, taken[-1].new, taken[-1].revised) == (2, (), ())


def test_a_revision_supersedes_and_erases_nothing(store: Store, tmp_path: Path) -> None:
    ingest(store)
    later = changed(FEB, value=190, published=date(2020, 3, 1))
    taken, entries = ingest(store, [write_reports(tmp_path / "later.csv", later)])
    assert taken[-1].revised == ("un-feb",)
    assert entries.evidence().sha256 == small_case((JAN, later, PRESS)).sha256
    assert entries.evidence(date(2020, 2, 29)).sha256 == small_case().sha256
    assert [e.record for e in entries.versions("report", "un-feb")] == [FEB, later]


def test_an_old_vintage_that_comes_late_does_not_stand_for_a_newer_one(store: Store, tmp_path: Path) -> None:
    newer = changed(FEB, value=190, published=date(2020, 3, 1))
    oldest = changed(FEB, value=150, published=date(2020, 2, 11))
    ingest(store, [write_reports(tmp_path / "newer.csv", newer)])
    taken, entries = ingest(store, [write_reports(tmp_path / "oldest.csv", oldest)])
    assert taken[-1].older == ("un-feb",)
    assert entries.evidence().sha256 == small_case((JAN, newer, PRESS)).sha256
    assert [r.value for r in entries.reports(date(2020, 2, 11)) if r.report == "un-feb"] == [150]
    assert [r.value for r in entries.reports(date(2020, 2, 12)) if r.report == "un-feb"] == [160]


@hypothesis.settings(
    max_examples=15, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], deadline=None
)
@hypothesis.given(order=strategies.permutations(range(4)))
def test_the_order_of_arrival_does_not_matter(order: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("order")
    vintages = [changed(FEB, value=150 + 10 * k, published=date(2020, 2, 12 + k)) for k in range(1, 5)]
    small_case().write(place / "testland")
    with Store.of(place / "testland") as store:
        ingest(store)
        for k in order:
            _, entries = ingest(store, [write_reports(place / f"{k}.csv", vintages[k])])
    assert entries.evidence().sha256 == small_case((JAN, vintages[3], PRESS)).sha256
    for k in range(4):
        assert [r.value for r in entries.reports(vintages[k].published) if r.report == "un-feb"] == [160 + 10 * k]


def test_an_edit_of_the_case_folder_counts_also_where_it_goes_back(store: Store, folder: Path) -> None:
    for reports in ((JAN, FEB, PRESS), (JAN, changed(FEB, value=170), PRESS), (JAN, FEB, PRESS)):
        write_reports(folder / "reports.csv", *reports)
        _, entries = ingest(store)
        assert entries.evidence().sha256 == small_case(reports).sha256


def test_an_edit_may_move_a_publication_to_an_earlier_day(store: Store, folder: Path) -> None:
    ingest(store)
    moved = changed(FEB, published=date(2020, 2, 10))
    write_reports(folder / "reports.csv", JAN, moved, PRESS)
    _, entries = ingest(store)
    assert entries.evidence().sha256 == small_case((JAN, moved, PRESS)).sha256


def test_a_folder_that_was_not_edited_does_not_undo_a_revision(store: Store, folder: Path, tmp_path: Path) -> None:
    ingest(store)
    later = changed(FEB, value=190, published=date(2020, 3, 1))
    ingest(store, [write_reports(tmp_path / "later.csv", later)])
    write_reports(folder / "reports.csv", JAN, FEB, changed(PRESS, note="edited"))
    taken, entries = ingest(store)
    assert taken[2].older == ("un-feb",)
    assert [r.value for r in entries.reports() if r.report == "un-feb"] == [190]


def test_a_row_that_is_gone_from_the_folder_is_refused(store: Store, folder: Path) -> None:
    ingest(store)
    write_reports(folder / "reports.csv", JAN, PRESS)
    with pytest.raises(EvidenceError, match="gone from it") as caught:
        ingest(store)
    assert caught.value.code == "evidence-row-gone"
    assert "un-feb" in str(caught.value)


def test_a_batch_with_a_bad_row_is_refused_whole_with_every_problem(store: Store, tmp_path: Path) -> None:
    ingest(store)
    before = rows_of(store)
    good = write_reports(tmp_path / "good.csv", new_report())
    bad = write_reports(
        tmp_path / "bad.csv",
        new_report(report="h2"),
        new_report(report="h3", areas=("moon",)),
        new_report(report="h4", source="nobody"),
    )
    with pytest.raises(EvidenceError) as caught:
        ingest(store, [good, bad])
    problems = {(p.file, p.row, p.report, p.field) for p in caught.value.problems}  # type: ignore[attr-defined]
    assert problems == {("bad.csv", 3, "h3", "areas"), ("bad.csv", 4, "h4", "source")}
    assert rows_of(store) == before


def test_rows_of_several_files_may_name_each_other(store: Store, tmp_path: Path) -> None:
    sources = tmp_path / "sources.csv"
    write_table(sources, SOURCE_COLUMNS, [as_cells(small_case().sources[0].model_copy(update={"source": "ngo"}))])
    reports = write_reports(tmp_path / "ngo.csv", new_report(report="n1", source="ngo"))
    _, entries = ingest(store, [reports, sources])
    assert "n1" in {report.report for report in entries.evidence().reports}


def test_two_contents_of_one_identifier_in_one_file_are_refused(store: Store, tmp_path: Path) -> None:
    file = write_reports(tmp_path / "twice.csv", new_report(), new_report(value=700))
    with pytest.raises(EvidenceError) as caught:
        ingest(store, [file])
    assert caught.value.code == "evidence-duplicate-report"


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", "<html><body>404</body></html>", "report\0,x"])
def test_a_file_that_is_no_evidence_is_refused(store: Store, tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(EvidenceError) as caught:
        ingest(store, [tmp_path / "x.csv"])
    assert "x.csv" in str(caught.value)


def test_another_case_is_refused(store: Store, tmp_path: Path) -> None:
    other = small_case()
    case = other.case.model_copy(update={"case": "otherland"})
    small_case().with_reports(other.to_frame()).__class__(case, other.sources, other.reports).write(tmp_path / "other")
    with pytest.raises(EvidenceError) as caught:
        ingest(store, [tmp_path / "other"])
    assert caught.value.code == "evidence-other-case"


def test_a_document_beside_the_file_is_hashed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text("abc")
    file = write_reports(tmp_path / "more.csv", new_report(document="a.txt"), new_report(report="h2", document="../a"))
    _, entries = ingest(store, [file])
    # SHA-256 of "abc", FIPS 180-4
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert entries.versions("report", "hospital-1")[0].document_sha256 == expected
    assert entries.versions("report", "h2")[0].document_sha256 == ""


def test_a_trial_writes_nothing(store: Store, tmp_path: Path) -> None:
    taken, entries = try_ingest(store, [write_reports(tmp_path / "more.csv", new_report())])
    assert taken[-1].new == ("hospital-1",)
    assert len(entries.evidence().reports) == 4
    assert rows_of(store) == (0, 0)


@pytest.mark.parametrize("column", ["content", "published", "row", "document_sha256", "corrects", "key"])
def test_a_changed_entry_is_told(store: Store, column: str) -> None:
    ingest(store)
    with store.ledger.writing("x") as connection:
        old = connection.execute(select(ENTRIES.c[column]).where(ENTRIES.c.number == 5)).scalar_one()
        new = old + 1 if isinstance(old, int) else f"{old} "
        connection.execute(update(ENTRIES).where(ENTRIES.c.number == 5).values({column: new}))
    with pytest.raises(StoreError, match="damaged"):
        entries_of(store)


def test_an_entry_that_is_gone_is_told(store: Store) -> None:
    ingest(store)
    with store.ledger.writing("x") as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.number == 3))
    with pytest.raises(StoreError, match="damaged"):
        entries_of(store)


def test_what_is_older_is_told_once(store: Store, tmp_path: Path) -> None:
    ingest(store)
    later = changed(FEB, value=190, published=date(2020, 3, 1))
    taken, _ = ingest(store, [write_reports(tmp_path / "later.csv", later)])
    assert [one.older for one in taken] == [(), (), (), ()]
    again, _ = ingest(store)
    assert [one.older for one in again] == [(), (), ()]


def test_every_case_that_can_be_read_can_be_taken_in(tmp_path: Path) -> None:
    init_case(tmp_path / "template")
    cases: list[Path | str] = [tmp_path / "template", *case_names()]
    for number, case in enumerate(cases):
        with Store.of(case, tmp_path / str(number)) as store:
            _, entries = ingest(store)
        assert entries.evidence().sha256 == read_case(find_case(case)).sha256
