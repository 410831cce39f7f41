"""Whole stories through the pages, in a real browser, on a phone and on a PC."""
