"""Counting a prompt's tokens: upstream's count, else an estimate that learns."""
