"""g-copilot-proxy without a screen: server, translator, Copilot client. Never imports Qt."""

__version__ = "0.1.0"
