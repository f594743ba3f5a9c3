"""The exact average over decomposable graphs of dependence between lists (Madigan and York 1997).

`graph` names the graphs, `likelihood` says how probable a table is under each of them and each number of missing
victims, `tail` bounds what lies beyond a grid of such numbers, `average` puts all of it together.
"""
