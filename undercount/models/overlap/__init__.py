"""Models of overlapping lists of victims: what the lists have in common says how many are on none of them.

Counts of capture patterns are arrays of length 2ᴷ for K lists: bit j of an index says whether a victim is on list j.
Entry 0, the victims on no list, is what is asked for, and 0 in the data.
"""
