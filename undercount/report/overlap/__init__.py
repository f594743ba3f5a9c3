"""What estimates from lists look like: in a terminal, a notebook, files and pictures."""
