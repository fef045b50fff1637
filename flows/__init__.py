"""Jobs that run by themselves: on a schedule, on a worker, with nobody watching.

``jobs`` holds them as plain functions; ``deployed`` alone knows Prefect.  No file here may be called as a floor is: Prefect puts the folder
of a flow's file first on the path (style.md §5).
"""
