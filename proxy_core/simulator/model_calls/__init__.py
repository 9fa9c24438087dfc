"""The common path of every model call, and the checks that endpoints share."""
