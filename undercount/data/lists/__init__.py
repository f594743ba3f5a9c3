"""Overlapping lists of victims: how many are on which lists, read, checked and frozen."""

from undercount.data.lists.bundled import lists_names, load_lists
from undercount.data.lists.collection import Lists
from undercount.data.lists.export import disclosure_safe
from undercount.data.lists.finding import find_lists
from undercount.data.lists.incident_file import read_incidents
from undercount.data.lists.incidents import AnyMatched, MatchedIncidents, matched_of_content
from undercount.data.lists.matched import MatchedLists
from undercount.data.lists.reading import read_lists
from undercount.data.lists.table import Table

__all__ = [
    "AnyMatched",
    "Lists",
    "MatchedIncidents",
    "MatchedLists",
    "Table",
    "disclosure_safe",
    "find_lists",
    "lists_names",
    "load_lists",
    "matched_of_content",
    "read_incidents",
    "read_lists",
]
