"""The embedded admin: what merchants see inside Shopify's own."""
