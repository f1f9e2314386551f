"""Workbooks in: reading, judging rows, preview, applying, undoing.

A workbook is read in a child process (``workbook``), its header is found and its rows are cut
(``tables``), each row is judged by pure rules (``register_rows``, ``filing_rows``,
``ledger_rows``), compared with what is stored (``register_plan``, ``filing_plan``), and only then
written by a verb (``register_apply``, ``filing_apply``) that journals every row (``journal``).
A long register goes part by part to the same plan (``registers``, ``long``).
"""
