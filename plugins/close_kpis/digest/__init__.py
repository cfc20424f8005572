"""The digest: what the workbook says, sent to Slack and by mail, once a week or a month for each audience.

``schedule`` says when one is due, ``lake_state`` whether the numbers are fit to be sent, ``content`` what it says in
plain values; ``slack``, ``mail`` and ``picture`` give that its form, the package `messaging` sends it,
``messages`` records it, and ``send`` is the door of the DAG's tasks.
"""
