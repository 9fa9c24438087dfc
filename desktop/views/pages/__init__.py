"""One widget for each page of the window."""
