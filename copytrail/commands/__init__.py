"""The commands, one module each; every module has one ``command`` and imports the floors below inside it."""
