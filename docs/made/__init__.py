"""The pages of the reference, made from the code whenever the documentation is built: nothing in them can be out of date.

What the code cannot say for itself stands beside it as data: ``commands.yaml`` (examples, and what an exit code means there) and
``words.yaml`` (the words for rules and fields that are bare names).  The tests hold both against the code: an entry too many or too few
is an error.
"""
