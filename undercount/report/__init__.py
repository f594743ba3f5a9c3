"""Tables, plots and files made from an estimate."""
