"""Bytes and truth: records of HTTP exchanges, WARC files, indexes, object stores, the catalogue and packages.

The lowest floor: it imports nothing of the floors above, and it alone imports warcio, boto3, SQLAlchemy and pyarrow.
"""
