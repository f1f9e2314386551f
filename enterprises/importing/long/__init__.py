"""A register of hundreds of thousands of rows: the same plan and the same rows as of a short one.

Read part by part (``parts``), judged column by column (``judging``), kept as packed lines
(``lines``), compared in the database (``listed``), and poured (``pouring``). Whatever is unusual of
a row goes the way of short lists; memory stays flat (docs/adr/0043, 0044). PostgreSQL only.
"""
