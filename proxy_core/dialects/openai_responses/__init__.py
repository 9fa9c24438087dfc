"""OpenAI's Responses API: served to clients and spoken to Copilot's ``/responses``."""
