"""Charts of estimates: each is a function of what it shows and of how it is to look."""
