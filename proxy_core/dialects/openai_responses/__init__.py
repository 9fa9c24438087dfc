"""OpenAI's Responses API, for clients and for Copilot's ``/responses``."""
