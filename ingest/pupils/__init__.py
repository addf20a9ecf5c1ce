"""Rosters of pupils: counted into classes while they are read; nothing of a pupil is kept."""
