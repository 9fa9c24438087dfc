"""Table models: rows of a presenter as Qt's views want them."""
