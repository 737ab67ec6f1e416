"""Questions in text: `stream` answers them over a WebSocket, `over_http` as a plain request."""
