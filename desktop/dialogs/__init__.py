"""The dialogs that the app opens: each module owns one kind, with its presenter and when it may open."""
