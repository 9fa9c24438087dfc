"""The look: tokens, colours, type, icons, motion. No widget of its own, no page."""
