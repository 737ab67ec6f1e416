"""Telephone calls through Twilio: `voice` answers its webhook, `stream` is a call."""
