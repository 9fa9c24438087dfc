"""The live model catalogue, model terms and automatic choice."""
