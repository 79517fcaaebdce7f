"""Turns of agents: the events they report, the programs that are run for them, the text they write."""
