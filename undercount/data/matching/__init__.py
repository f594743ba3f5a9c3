"""Records of several sources that are about one incident, or one victim: pairs, clusters, and how sure they are.

    records --units, candidates, facts--> pairs --splink, refining--> Matches --draw_linkages--> Linkages --> Lists

Needs the packages of ``undercount[matching]``: splink and DuckDB, which stays in memory.
"""

from undercount.data.matching.linkages import Linkages, draw_linkages
from undercount.data.matching.matches import Matches, match
from undercount.data.matching.overlap import overlap_lists
from undercount.data.matching.review import read_review, write_review
from undercount.data.matching.settings import MatchSettings
from undercount.data.matching.victims import VictimMatches, VictimSettings, link_victims

__all__ = [
    "Linkages",
    "MatchSettings",
    "Matches",
    "VictimMatches",
    "VictimSettings",
    "draw_linkages",
    "link_victims",
    "match",
    "overlap_lists",
    "read_review",
    "write_review",
]
