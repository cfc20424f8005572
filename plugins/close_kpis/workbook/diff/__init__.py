"""From a wanted workbook and a live spreadsheet to the requests that make them equal."""
