"""Writes of the room `orders`."""
