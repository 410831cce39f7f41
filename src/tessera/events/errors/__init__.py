"""Every way this room says no, a file for each step."""
