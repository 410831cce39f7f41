"""Tests of purchases and returns, through the handler of every door."""
