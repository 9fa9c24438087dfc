"""The theme: tokens, colours, fonts, icons, motion. No widgets or pages."""
