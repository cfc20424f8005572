"""The part of the Drive API that clients of spreadsheets use: create, find, copy, rename, share, export, import.

Left out, since no spreadsheet needs it: folders and shared drives, other kinds of files, the trash, revisions, changes,
transfers of ownership, invitations by mail, comments (there are none), and exports that render a page (PDF, ODS, HTML).
"""
