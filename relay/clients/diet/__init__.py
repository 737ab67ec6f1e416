"""The diet bot's page: `page` is one of them, `pages` what they share."""
