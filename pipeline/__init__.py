"""Meaning, as pure functions: seeds, text, quality, relations, edits.  Opens no socket, keeps no state, asks no clock."""
