"""`gebaeude demo`: the whole system on one machine, with its own database and broker."""
