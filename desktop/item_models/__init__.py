"""Qt table models of presenters' rows."""
