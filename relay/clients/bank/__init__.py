"""The bank's page over Socket.IO: `server` lets clients in, `page` is one of them."""
