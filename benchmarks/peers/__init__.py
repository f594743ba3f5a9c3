"""The compiled core beside PyMC's own NUTS, nutpie and numpyro: the same model, data and number of draws."""
