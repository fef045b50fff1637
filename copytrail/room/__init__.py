"""The reading room: an archive on the web, for people, for Memento clients and for CDX clients.

Contract: a Starlette application that answers GET and HEAD from the archive alone.  It fetches nothing, keeps no cookie, runs no script and
sends none; what strangers wrote is shown as text, or cleaned, in a frame that may do nothing (``room/shown.py``).  What is withdrawn or
under embargo is not shown on any way (``Archive.veil``).  All that it writes is a custody record of each file that was taken home, and in
the catalogue what was worked out to show it.
"""
