"""Pure functions from facts to figures: no storage engine, no network, no clock."""
