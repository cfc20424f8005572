"""The requests of spreadsheets.batchUpdate, a module per family.

A handler changes the book it is given and returns its reply (None where the kind has no reply). It raises
`RequestError` for what Google refuses; `batch.apply` turns that into the error of the whole batch.
"""
