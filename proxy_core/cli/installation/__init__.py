"""Commands about the installed program itself."""
