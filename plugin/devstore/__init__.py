"""A small stand-in for Shopify: for people who have no store at hand, and for our tests. Never where a real shop is installed."""
