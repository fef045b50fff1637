"""The spiders: one for each way in, all running the same rounds."""
