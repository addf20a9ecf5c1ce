"""Tests of Junheng."""
