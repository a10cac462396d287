"""The shopper's way in: the door behind Shopify's app proxy, and beside it the extensions that run at Shopify, one folder each."""
