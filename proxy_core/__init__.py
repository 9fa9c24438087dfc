"""g-copilot-proxy without a screen: server, translator, Copilot client. Never imports Qt."""
