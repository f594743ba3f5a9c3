"""The report of an estimate: one HTML file that needs no script, no network and nothing beside it."""
