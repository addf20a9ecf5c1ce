"""The made district: what it is like, and its files in our templates and in the layouts that offices have."""
