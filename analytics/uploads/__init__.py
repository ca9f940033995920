"""Files that people send with the browser, on their way into the data."""
