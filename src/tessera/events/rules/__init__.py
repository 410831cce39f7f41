"""Pure rules of events, a file for each step."""
