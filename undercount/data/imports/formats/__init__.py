"""One module for each format; `undercount.data.imports.registry` finds them."""
