"""The relay: hears a person, waits until the turn is over, asks the receiver, voices the answer."""
