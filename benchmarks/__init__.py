"""Accuracy and speed of the package, against the truth and against named peers; `python -m benchmarks` prints them."""
