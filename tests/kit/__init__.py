"""Tests of the kit, each tool alone."""
