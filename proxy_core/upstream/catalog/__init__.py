"""The live list of models and their terms."""
