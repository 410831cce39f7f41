"""The composition root: settings, addresses, the API's assembly, the command line, and the ground they stand on.

Promises: one command starts everything; what is missing is said in one sentence; rooms are wired here and nowhere else.
"""
