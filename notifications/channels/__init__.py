"""How a message leaves: one module a channel, all with the same three ways to fail."""
