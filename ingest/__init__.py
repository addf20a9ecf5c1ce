"""Junheng's loader: files become checked rows, checked rows become raw tables."""
