"""The SQLite ledger of what requests cost."""
