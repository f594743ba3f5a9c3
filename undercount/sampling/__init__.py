"""The sampling core: takes a log density and data, gives draws; knows nothing of casualties."""
