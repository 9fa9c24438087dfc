"""``/responses`` over HTTP and WebSocket."""
