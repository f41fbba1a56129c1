"""Faults and paces that a test switches on."""
